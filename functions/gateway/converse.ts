import type { EventId } from '../../events/envelope.ts';
import type { Message } from '../../events/fields.ts';
import { turnDeadLettered } from '../../events/turn.ts';
import type { Stored } from '../../shared/log/log.ts';
import { readEvent } from '../../shared/runtime/read-event.ts';
import { incomingId } from '../../shared/runtime/ids.ts';
import { keyOf, KEY_POLICY, waitOf, type Exchange } from './exchange.ts';
import { postUtterance, type Posted, type Said } from './post.ts';
import { closed } from '../../shared/incoming/sessions.ts';
import type { View } from '../../shared/incoming/views.ts';

/** A turn that somebody waited for. */
export interface Conversed {
  readonly view: View;
  readonly turn: string;
  /** Where the utterance stands. */
  readonly position: number;
  /** Absent where it has not ended in time. */
  readonly ending: Ended | undefined;
  readonly headers: Readonly<Record<string, string>>;
}

/** How a turn ended, in the words of the API. */
export interface Ended {
  readonly kind: 'replied' | 'handed-off' | 'superseded' | 'dead-lettered';
  readonly position: number;
  readonly text: string;
  readonly messages: readonly Message[];
  readonly locale?: string;
  /** The turn that answers a superseded one. */
  readonly by?: string;
}

/** Names an event by the key that its sender gave it, within its session. */
export const eventIdOf = (view: View, namespace: string, key: string | undefined): EventId | undefined =>
  key === undefined ? undefined : incomingId(namespace, view.ref.tenant, view.ref.session, key);

/**
 * Says something in a session and waits for the answer. `find` gives the session, open: it is asked again where the
 * session was closed meanwhile, and answers with a problem where it may not be opened again.
 */
export async function converse(x: Exchange, find: () => View | Promise<View>, said: Said): Promise<Conversed> {
  const key = keyOf(x);
  const { waitMs, applied } = waitOf(x);
  let view = await find();
  let namespace = 'key';
  for (let attempt = 0; ; attempt++) {
    const posted = await postUtterance(x, view, said, eventIdOf(view, namespace, key), waitMs);
    if (posted) {
      const ending = await posted.ending;
      // Closed in the moment before: whoever decided saw that, and this process did not.
      const late = ending?.envelope.type === turnDeadLettered.type && attempt === 0 && (await isClosed(x, view));
      if (!late) return conversed(view, posted, ending, key, applied);
      namespace = 'key-after-close';
    }
    if (attempt > 0) throw closed();
    // Opens the session again, or tells why it may not be opened.
    view = await find();
  }
}

async function isClosed({ at }: Exchange, view: View): Promise<boolean> {
  at.views.forget(view.ref);
  return (await at.views.find(view.ref))?.phase === 'closed';
}

function conversed(
  view: View,
  { stored, repeated }: Posted,
  ending: Stored | undefined,
  key: string | undefined,
  applied: string | undefined,
): Conversed {
  const headers = {
    ...(key !== undefined && KEY_POLICY),
    ...(repeated && { 'idempotency-replayed': 'true' }),
    ...(applied !== undefined && { 'preference-applied': applied }),
  };
  return { view, turn: stored.envelope.id, position: stored.position, ending: ending && endedOf(ending), headers };
}

/** Reads the ending of a turn. */
export function endedOf(stored: Stored): Ended {
  const event = readEvent(stored);
  const { position } = event;
  switch (event.type) {
    case 'turn.replied':
      return { kind: 'replied', position, ...spoken(event.data) };
    case 'turn.handed-off':
      return { kind: 'handed-off', position, ...spoken(event.data) };
    case 'turn.superseded':
      return { kind: 'superseded', position, text: '', messages: [], by: event.data.by };
    default:
      return { kind: 'dead-lettered', position, text: '', messages: [] };
  }
}

const spoken = ({ messages, locale }: { readonly messages: readonly Message[]; readonly locale: string }) => ({
  text: messages.length === 1 && messages[0] ? messages[0].text : messages.map((m) => m.text).join('\n'),
  messages,
  locale,
});

/** The ending of a turn as the API tells it. */
export const told = ({ kind, position, text, messages, locale, by }: Ended) => ({
  ending: kind,
  reply: { text, messages },
  ...(locale !== undefined && { locale }),
  ...(by !== undefined && { by }),
  position,
});

/** Where to ask for a reply that takes longer. */
export const pendingHeaders = ({ view, turn, position, headers }: Conversed): Readonly<Record<string, string>> => ({
  ...headers,
  location: turnPath(view.ref.session, turn, position),
  'retry-after': '1',
});

/** The address of a turn whose utterance stands at a position. */
export const turnPath = (session: string, turn: string, position: number): string =>
  `/v1/sessions/${session}/turns/${turn}?after=${position}`;
