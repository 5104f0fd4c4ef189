import { setTimeout as delay } from 'node:timers/promises';
import type { Draft } from '../../events/define.ts';
import type { Envelope, EventId } from '../../events/envelope.ts';
import { utteranceReceived } from '../../events/understanding.ts';
import { PlatformError } from '../errors/index.ts';
import type { Tail } from '../log/append.ts';
import type { Appended, Log, Stored } from '../log/log.ts';
import { readSession } from '../log/read.ts';
import { recall, sessionCache } from '../runtime/recall.ts';
import { dialogue } from '../session/fold.ts';
import { recollect } from '../session/recent.ts';
import type { DialogueState } from '../session/state.ts';
import { advance, type View, type Views } from './views.ts';

/** Something from outside that is to become an event. */
export interface Incoming {
  readonly id: EventId;
  /** The id derives from a key of the sender, so it may have come before. */
  readonly keyed: boolean;
  readonly draft: Draft;
  readonly time: string;
  readonly traceparent: string | undefined;
  /** The language that the sender named, where that is a part of what has to be repeated. */
  readonly locale?: string | undefined;
  /** What the session has to be. */
  readonly needs: 'open' | 'closed';
}

export type Acceptance =
  | { readonly kind: 'accepted'; readonly stored: Stored }
  /** It came before: this is what stands in the log for it. */
  | { readonly kind: 'repeated'; readonly stored: Stored }
  /** Its key came before with another body. */
  | { readonly kind: 'differs' }
  /** Its key came before, and what it stood for has left the log. */
  | { readonly kind: 'gone' }
  /** The session is not what it has to be, or not there any more; nothing was stored. */
  | { readonly kind: 'out-of-place' };

/** Whoever appends one event after the other to a session can keep others from doing so for as long as that takes. */
const PATIENCE_MS = 5_000;
const READING_ATTEMPTS = 2;
const LONGEST_PAUSE_MS = 50;
const NO_CACHE = sessionCache(0);

/** What accepting needs. */
export interface Accepting {
  readonly log: Log;
  readonly tail: Tail;
  readonly views: Views;
  /** Who stores it, for the log. */
  readonly emitter: string;
}

/**
 * Stores something from outside at the end of its session, once. Events that this process has missed are read before
 * the append is tried again, so that a closed session stays closed. Appends of one session wait for one another.
 */
export async function accept(at: Accepting, view: View, incoming: Incoming): Promise<Acceptance> {
  while (view.queue) {
    const { queue } = view;
    await new Promise<void>((resume) => void queue.push(resume));
  }
  const mine: (() => void)[] = [];
  view.queue = mine;
  try {
    return await place(at, view, incoming);
  } finally {
    view.queue = undefined;
    for (const resume of mine) resume();
  }
}

async function place(at: Accepting, view: View, incoming: Incoming): Promise<Acceptance> {
  const { log, tail, views } = at;
  const { ref } = view;
  if (incoming.keyed) {
    const earlier = await recollected(log, view, incoming);
    if (earlier) return earlier;
  }
  const envelope = sealed(view, incoming, at.emitter);
  const until = performance.now() + PATIENCE_MS;
  for (let attempt = 0; attempt === 0 || performance.now() < until; attempt++) {
    if ((view.phase === 'open') !== (incoming.needs === 'open')) return { kind: 'out-of-place' };
    const previous = view.position;
    const result = await appended(log, envelope, previous);
    switch (result.kind) {
      case 'appended':
        advance(view, result.stored);
        tail.reached(ref, result.stored.position);
        return { kind: 'accepted', stored: result.stored };
      case 'duplicate':
        return compared(await log.at(ref, result.position), incoming);
      case 'conflict':
        if (await caughtUp(log, view, { previous, end: result.last, attempt })) break;
        views.forget(ref);
        return { kind: 'out-of-place' };
      case 'erased':
        views.forget(ref);
        return { kind: 'out-of-place' };
    }
  }
  throw new PlatformError('log.contended', `could not append ${envelope.type}`, {
    retry: 'later',
    retryAfterMs: 1_000,
  });
}

/** A session whose key was destroyed takes nothing any more. */
async function appended(log: Log, event: Envelope, previous: number): Promise<Appended | { readonly kind: 'erased' }> {
  try {
    return await log.append(event, previous);
  } catch (error) {
    if (error instanceof PlatformError && error.code === 'session.erased') return { kind: 'erased' };
    throw error;
  }
}

interface Lost {
  /** Where the session was thought to end. */
  readonly previous: number;
  /** Where it does end, where the store tells. */
  readonly end: number | undefined;
  readonly attempt: number;
}

/**
 * Learns what a view has missed. Whoever keeps losing to a busy session stops reading and only moves on: should it have
 * been closed meanwhile, its policy refuses the turn. False: what was known of is not there any more.
 */
async function caughtUp(log: Log, view: View, lost: Lost): Promise<boolean> {
  const { ref } = view;
  const { previous, end, attempt } = lost;
  // Something of the session is under way in the cluster: it cannot be told yet where it is going to end.
  if (end === undefined) await delay(Math.random() * Math.min(2 ** attempt, LONGEST_PAUSE_MS));
  // Bells may have told more than this by now, so only what the append stood on is compared.
  else if (end < previous) return false;
  const last = end ?? (await log.latest(ref)).at(-1)?.position ?? previous;
  if (attempt < READING_ATTEMPTS) {
    for (const stored of await readSession(log, ref, { after: previous, through: last })) advance(view, stored);
  }
  if (view.position < last) view.position = last;
  return true;
}

function sealed({ ref }: View, { id, draft, time, traceparent }: Incoming, emitter: string): Envelope {
  const turn = draft.type === utteranceReceived.type ? { turn: id } : {};
  const trace = traceparent === undefined ? {} : { traceparent };
  const { tenant, session } = ref;
  const { type, revision, data } = draft;
  return { id, type, revision, tenant, session, ...turn, time, emitter, ...trace, data };
}

/**
 * What became of a key that the store has forgotten by now: it remembers ids for a minute, the session remembers its
 * last utterances, and agents' commands are few enough to be looked through.
 */
async function recollected(log: Log, { ref, position }: View, incoming: Incoming): Promise<Acceptance | undefined> {
  const { id, draft } = incoming;
  if (draft.type === utteranceReceived.type) {
    const { state } = await recall(log, NO_CACHE, dialogue as never, ref, position);
    const { text } = draft.data as { readonly text: string };
    if (recollect((state as DialogueState).recent, id, text) === 'unknown') return undefined;
  }
  const first = (await readSession(log, ref)).find(({ envelope }) => envelope.id === id);
  if (!first && draft.type !== utteranceReceived.type) return undefined;
  return compared(first, incoming);
}

function compared(stored: Stored | undefined, { id, draft, locale }: Incoming): Acceptance {
  if (stored?.envelope.id !== id) return { kind: 'gone' };
  const { type, data } = stored.envelope;
  const same = type === draft.type && sameBody(data, draft.data) && (!locale || locale === (data as Body).locale);
  return same ? { kind: 'repeated', stored } : { kind: 'differs' };
}

/** Fields that say what was asked for; the others are the gateway's own. */
const BODY = ['text', 'payload', 'command', 'agent'] as const;
type Body = Partial<Record<(typeof BODY)[number] | 'locale', unknown>>;

const sameBody = (a: unknown, b: unknown): boolean => BODY.every((field) => (a as Body)[field] === (b as Body)[field]);
