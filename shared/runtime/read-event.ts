import { definitionOf, type ConversationEvent } from '../../events/catalogue.ts';
import { readData } from '../../events/define.ts';
import type { Envelope } from '../../events/envelope.ts';
import { PlatformError } from '../errors/index.ts';
import type { Stored } from '../log/log.ts';

/**
 * A stored event at its current revision. Fails with `event.newer-revision` (retry later: a rollout is under way) or
 * with `event.unknown-type` or `event.unreadable` (never). A type that this build does not know may be as new as a
 * revision, so it is retried too.
 */
export function readEvent(stored: Stored): ConversationEvent {
  const known = readBefore.get(stored);
  if (known) return known;
  const event = readAnew(stored);
  readBefore.set(stored, event);
  return event;
}

/**
 * An event as a fold takes it; undefined where nobody will ever be able to read it: its turn was ended for that, and the
 * session goes on without it. A decision is not gone over, since what came after stands on it.
 */
export function foldable(stored: Stored): ConversationEvent | undefined {
  try {
    return readEvent(stored);
  } catch (error) {
    const isDecision = stored.envelope.basis !== undefined;
    if (!isDecision && error instanceof PlatformError && error.code === 'event.unreadable') return undefined;
    throw error;
  }
}

/** Several functions of a group read the same delivery. */
const readBefore = new WeakMap<Stored, ConversationEvent>();

/** Takes note that an envelope's data was checked against today's schema when it was sealed: it need not be again. */
export const trust = (envelope: Envelope): void => void checked.add(envelope);

const checked = new WeakSet<Envelope>();

function readAnew({ envelope, position }: Stored): ConversationEvent {
  if (checked.has(envelope)) return { ...envelope, position } as ConversationEvent;
  const definition = definitionOf.get(envelope.type);
  if (!definition) {
    throw new PlatformError('event.unknown-type', `unknown event type ${envelope.type}`, { retry: 'later' });
  }
  const read = readData(definition, envelope.revision, envelope.data);
  if (read.ok) return { ...envelope, data: read.data as unknown, position } as ConversationEvent;
  if (read.why === 'newer') {
    const message = `${envelope.type} revision ${envelope.revision} is newer than ${definition.revision}`;
    throw new PlatformError('event.newer-revision', message, { retry: 'later' });
  }
  const message = `cannot read ${envelope.type} revision ${envelope.revision}: ${read.field ?? 'data'}`;
  throw new PlatformError('event.unreadable', message, { retry: 'never' });
}
