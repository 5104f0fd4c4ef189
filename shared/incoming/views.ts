import { LRUCache } from 'lru-cache';
import type { ConversationEvent } from '../../events/catalogue.ts';
import type { Log, SessionRef, Stored } from '../log/log.ts';
import { readEvent } from '../runtime/read-event.ts';

/**
 * Where a session stands, as far as this process knows. Only a shortcut: an append is let in only where the session
 * really ends, and what it has missed is read then.
 */
export interface View {
  readonly ref: SessionRef;
  phase: 'open' | 'closed' | 'archived';
  /** The position of the event that told the phase. */
  phaseAt: number;
  /** The newest position that is known of. */
  position: number;
  channel: string;
  bot: { readonly name: string; readonly hash: string };
  openedLocale: string | undefined;
  lastLocale: string | undefined;
  timezone: string | undefined;
  /** Turns that are known to be accepted and not ended. */
  readonly open: Set<string>;
  /** Appends of one session wait for one another: those that do, while one is under way. */
  queue: (() => void)[] | undefined;
}

export interface Views {
  /** The session as it is known here or stands in the log; undefined where there is none. */
  find(ref: SessionRef): View | undefined | Promise<View | undefined>;
  /** What is known here, without a look at the log. */
  known(ref: SessionRef): View | undefined;
  /** Takes note of an event that was seen. */
  saw(stored: Stored): void;
  /** Begins a view with the events that it is made of; undefined where they do not open a session. */
  begin(ref: SessionRef, events: readonly Stored[]): View | undefined;
  forget(ref: SessionRef): void;
}

/** What was missed is missed for no longer than this. */
const MAX_AGE_MS = 60_000;

/** Remembers the sessions used last. */
export function viewsOf(log: Log, max: number): Views {
  const known = new LRUCache<string, View>({ max, ttl: MAX_AGE_MS, ttlResolution: 1_000 });
  const loading = new Map<string, Promise<View | undefined>>();

  const load = async (ref: SessionRef, key: string): Promise<View | undefined> => {
    const latest = await log.latest(ref);
    const other = known.peek(key);
    if (other) return other;
    return views.begin(ref, latest);
  };
  const views: Views = {
    find(ref) {
      const key = keyOf(ref);
      const view = known.get(key);
      if (view) return view;
      const before = loading.get(key);
      if (before) return before;
      const mine = load(ref, key).finally(() => loading.delete(key));
      loading.set(key, mine);
      return mine;
    },
    known: (ref) => known.get(keyOf(ref)),
    begin(ref, events) {
      const view: View = {
        ref,
        phase: 'archived',
        phaseAt: 0,
        position: 0,
        channel: '',
        bot: { name: '', hash: '' },
        openedLocale: undefined,
        lastLocale: undefined,
        timezone: undefined,
        open: new Set(),
        queue: undefined,
      };
      for (const stored of events) advance(view, stored);
      if (view.channel === '') return undefined;
      // The newest of each type says nothing about the turns before.
      view.open.clear();
      known.set(keyOf(ref), view);
      return view;
    },
    saw(stored) {
      const view = known.peek(keyOf(stored.envelope));
      if (view) advance(view, stored);
    },
    forget: (ref) => void known.delete(keyOf(ref)),
  };
  return views;
}

const keyOf = ({ tenant, session }: SessionRef): string => `${tenant}/${session}`;

/** Takes note of an event in a view. Events may come late, or twice. */
export function advance(view: View, stored: Stored): void {
  const { type, turn, id } = stored.envelope;
  if (type.startsWith('turn.')) {
    if (turn) view.open.delete(turn);
  } else if (type.startsWith('session.')) {
    if (stored.position > view.phaseAt) turnTo(view, readEvent(stored));
  } else if (type === 'utterance.received' && stored.position > view.position) {
    const { locale, bot } = readEvent(stored).data as Pick<View, 'bot'> & { readonly locale: string };
    view.lastLocale = locale;
    view.bot = bot;
    view.open.add(id);
  }
  if (stored.position > view.position) view.position = stored.position;
}

function turnTo(view: View, event: ConversationEvent): void {
  view.phaseAt = event.position;
  switch (event.type) {
    case 'session.opened':
      view.openedLocale = event.data.locale;
      view.timezone = event.data.timezone;
      opened(view, event.data);
      break;
    case 'session.resumed': {
      const locale = event.data.archived?.snapshot.state['locale'];
      if (typeof locale === 'string') view.lastLocale = locale;
      opened(view, event.data);
      break;
    }
    case 'session.closed':
      view.phase = 'closed';
      break;
    case 'session.archived':
      view.phase = 'archived';
      break;
    default:
      break;
  }
}

function opened(view: View, { channel, bot }: Pick<View, 'channel' | 'bot'>): void {
  view.phase = 'open';
  view.channel = channel;
  view.bot = bot;
}

/** The events that a gateway has to hear of, so that its views are not outdated. Endings are heard of anyway. */
export const SESSION_TYPES = ['session.opened', 'session.resumed', 'session.closed', 'session.archived'] as const;
