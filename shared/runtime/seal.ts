import { hash } from 'node:crypto';
import * as v from 'valibot';
import { definitionOf } from '../../events/catalogue.ts';
import type { Draft } from '../../events/define.ts';
import type { Envelope } from '../../events/envelope.ts';
import type { Snapshot } from '../../events/fields.ts';
import { PlatformError } from '../errors/index.ts';
import type { Fold } from '../function/define.ts';
import { derivedId } from './ids.ts';
import { trust } from './read-event.ts';

type Cause = Pick<Envelope, 'id' | 'tenant' | 'session' | 'turn'>;

/** Where an event comes from: what caused it, who wrote it, the how-manieth of its cause it is, and when. */
export interface Origin {
  readonly cause: Cause;
  readonly emitter: string;
  readonly index: number;
  readonly now: Date;
  /** For a decision: the position up to which it had read. */
  readonly basis?: number;
}

/**
 * Puts a draft into an envelope that follows from its cause. `traceparent`: the span that wrote it.
 * Fails with `function.emitted-invalid` on data that nobody could read back: it must not get into the log.
 */
export function seal(draft: Draft, from: Origin, traceparent?: string): Envelope {
  const { cause, emitter, index, now, basis } = from;
  const definition = definitionOf.get(draft.type);
  if (!definition || !v.is(definition.schema, draft.data)) {
    throw new PlatformError('function.emitted-invalid', `${emitter} emitted an invalid ${draft.type}`, {
      retry: 'never',
    });
  }
  const kind = definition.kindOf?.(draft.data);
  const envelope: Envelope = {
    id: derivedId(cause.id, emitter, index),
    type: draft.type,
    revision: draft.revision,
    tenant: cause.tenant,
    session: cause.session,
    ...(cause.turn && { turn: cause.turn }),
    time: now.toISOString(),
    causation: cause.id,
    emitter,
    ...(kind !== undefined && { kind }),
    ...(basis !== undefined && { basis }),
    ...(traceparent && { traceparent }),
    data: draft.data,
  };
  trust(envelope);
  return envelope;
}

/** A state as it is kept in a decision. Equal states have equal JSON, hence equal hashes. */
export function snapshotOf(fold: Fold<unknown>, state: unknown): Snapshot {
  return { fold: fold.version, hash: stateHash(state), state: state as Snapshot['state'] };
}

/** SHA-256 of the state's JSON, shortened to 128 bits. */
export const stateHash = (state: unknown): string => hash('sha256', JSON.stringify(state)).slice(0, 32);
