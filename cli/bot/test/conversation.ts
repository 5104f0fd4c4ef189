import type { Act } from '../../../events/decision.ts';
import { policyDecided } from '../../../events/decision.ts';
import type { DataOf, Draft } from '../../../events/define.ts';
import { agentReplied } from '../../../events/desk.ts';
import type { Envelope, EventId } from '../../../events/envelope.ts';
import { actionCompleted, actionFailed, answerFailed } from '../../../events/outside.ts';
import { controlRequested, sessionOpened, sessionResumed, timerFired } from '../../../events/session.ts';
import { utteranceReceived } from '../../../events/understanding.ts';
import { entity } from '../../../functions/entity/handler.ts';
import { localeOf } from '../../../functions/gateway/locale.ts';
import { intent } from '../../../functions/intent/handler.ts';
import { knowledge } from '../../../functions/knowledge/handler.ts';
import { policy } from '../../../functions/policy/handler.ts';
import { reply, type Replying } from '../../../functions/reply/handler.ts';
import { PlatformError } from '../../../shared/errors/index.ts';
import { tailOf } from '../../../shared/log/append.ts';
import type { Stored } from '../../../shared/log/log.ts';
import { memoryLog } from '../../../shared/log/memory.ts';
import { runGroup } from '../../../shared/runtime/chain.ts';
import { unwatched, type Host } from '../../../shared/runtime/host.ts';
import { derivedId, incomingId, userSession } from '../../../shared/runtime/ids.ts';
import { advance, sessionCache } from '../../../shared/runtime/recall.ts';
import { snapshotOf } from '../../../shared/runtime/seal.ts';
import { dialogue } from '../../../shared/session/fold.ts';
import type { DialogueState } from '../../../shared/session/state.ts';
import type { Circumstances, Doing, Stub, TestCase } from './case.ts';
import { TENANT, type Subject } from './subject.ts';

const CHANNEL = 'test';
/** A Monday, so that tomorrow is the same day in every run. */
const BEGINS = '2026-01-05T10:00:00.000Z';
const GROUP = { name: 'turn', functions: [intent, entity, policy, reply, knowledge] };
const ATTEMPTS = 3;
/** More results from outside than this for one message are a circle. */
const MOST_RESULTS = 50;

type Decision = DataOf<typeof policyDecided>;

/** A conversation with a bot in this process, by the real functions on a log in memory and a clock of its own. */
export interface Conversation {
  /** What stands in the log. */
  readonly events: readonly Stored[];
  readonly state: DialogueState;
  /** Does one thing, and everything that follows from it at once. */
  readonly act: (doing: Doing) => Promise<void>;
}

/** Begins a conversation. What is asked of the outside world is answered by stubs; the answers' model is always down. */
export async function converse(
  { bot, ports }: Subject,
  { name, slots, begins = BEGINS, stubs }: Pick<TestCase, 'name' | 'slots' | 'begins' | 'stubs'>,
): Promise<Conversation> {
  const log = memoryLog();
  let clock = Date.parse(begins);
  let timers: { readonly decision: EventId; readonly at: number }[] = [];
  const setTimer = ({ id }: { readonly id: EventId }, afterMs: number): Promise<void> => {
    timers = [...timers.filter(({ decision }) => decision !== id), { decision: id, at: clock + afterMs }];
    return Promise.resolve();
  };
  const replying: Replying = {
    botOf: () => Promise.resolve(bot),
    setTimer,
    // Nobody looks at a queue here: the steps of a test are the people.
    tellDesk: () => Promise.resolve(),
  };
  const host: Host = {
    log,
    tail: tailOf(log),
    sessions: sessionCache(10),
    bots: () => bot,
    now: () => new Date(clock),
    ports: { ...ports, ...replying },
    telemetry: unwatched,
  };
  const ref = { tenant: TENANT, session: userSession('test', TENANT, CHANNEL, name, 0) };
  const named = { name: bot.name, hash: bot.hash };
  const stateNow = (): DialogueState =>
    advance(dialogue as never, { state: dialogue.initial, position: 0 }, log.all).state as DialogueState;
  let count = 0;

  const append = async (draft: Draft, over: Partial<Envelope> = {}): Promise<Stored> => {
    count += 1;
    const id = incomingId('test', ref.tenant, ref.session, String(count));
    const turn = draft.type === utteranceReceived.type ? { turn: id } : {};
    const time = new Date(clock).toISOString();
    const placed = await host.tail.append({ id, ...draft, ...ref, ...turn, time, emitter: 'gateway', ...over });
    if (placed.kind === 'duplicate') throw new Error('an id of a test came twice');
    return placed.stored;
  };
  const walk = async (stored: Stored): Promise<void> => {
    for (let attempt = 1; ; attempt++) {
      const outcome = await runGroup(GROUP, { stored, attempt }, host, new AbortController().signal);
      if (outcome.kind === 'rejected') throw outcome.error;
      if (outcome.kind !== 'retry') return;
      if (attempt === ATTEMPTS) throw outcome.error;
    }
  };
  /** Runs an event, and gives what it asks of the outside world until nothing is asked any more. */
  const happen = async (draft: Draft, over: Partial<Envelope> = {}): Promise<void> =>
    follow([await append(draft, over)]);
  /** The same for events that all stand in the log before the first is run. */
  const follow = async (stored: readonly Stored[]): Promise<void> => {
    let from = stored.at(-1)?.position ?? 0;
    for (const each of stored) await walk(each);
    for (let results = 0; ; results++) {
      if (results > MOST_RESULTS) throw new PlatformError('test.endless', 'the bot asks for ever', { retry: 'never' });
      const asked = log.all.find(({ envelope, position }) => position > from && resultFor(envelope, stubs));
      const result = asked && resultFor(asked.envelope, stubs);
      if (!asked || !result) return;
      from = asked.position;
      const { id, turn } = asked.envelope;
      await walk(await append(result, { causation: id, ...(turn && { turn }), emitter: 'stub' }));
    }
  };
  const utterance = (text: string, { locale: spoken, channel = CHANNEL, timezone }: Circumstances): Draft => {
    const state = stateNow();
    const last = state.channel === '' || log.all.length < 3 ? undefined : state.locale;
    // What a button carries is in no language.
    const words = text.startsWith('/') ? '' : text;
    const locale = spoken ?? localeOf(words, { opened: undefined, last, bot: bot.locales });
    const said = { text, locale, channel, bot: named, ...(timezone !== undefined && { timezone }) };
    return utteranceReceived({ ...said, ...(text.startsWith('/') && { payload: text }) });
  };
  const hear = async (texts: readonly string[], about: Circumstances): Promise<void> => {
    if (stateNow().phase === 'closed') {
      await happen(sessionResumed({ channel: about.channel ?? CHANNEL, bot: named }));
    }
    const stored: Stored[] = [];
    for (const text of texts) stored.push(await append(utterance(text, about)));
    return follow(stored);
  };
  const passTime = async (ms: number): Promise<void> => {
    const until = clock + ms;
    for (;;) {
      const [next] = timers.filter(({ at }) => at <= until).toSorted((a, b) => a.at - b.at);
      if (!next) break;
      timers = timers.filter((timer) => timer !== next);
      clock = Math.max(clock, next.at);
      await happen(timerFired({ timer: next.decision }), { causation: next.decision, emitter: 'timer' });
    }
    clock = until;
  };

  const opening = await append(sessionOpened({ channel: CHANNEL, bot: named }));
  if (Object.keys(slots).length > 0) await append(...remembering(opening, slots, stateNow(), bot.locales[0]));
  return {
    get events() {
      return log.all;
    },
    get state() {
      return stateNow();
    },
    async act(doing) {
      switch (doing.kind) {
        case 'begin':
          return;
        case 'wait':
          return passTime(doing.ms);
        case 'agent':
          return happen(controlRequested({ command: doing.command, agent: 'agent' }));
        case 'agent-says':
          return happen(agentReplied({ agent: 'agent', messages: [{ text: doing.text, buttons: [] }] }));
        case 'user':
          return hear([doing.text], doing.about);
        case 'at-once':
          return hear(doing.texts, doing.about);
      }
    },
  };
}

/** A decision that nobody made: what a fixture says is known. */
function remembering(
  opening: Stored,
  slots: Readonly<Record<string, string>>,
  state: DialogueState,
  locale: string,
): [Draft, Partial<Envelope>] {
  const id = derivedId(opening.envelope.id, 'fixture', 0);
  const data: Decision = {
    step: 1,
    act: { kind: 'respond' },
    says: [],
    slots: { ...slots },
    forgets: [],
    stack: [],
    why: { rule: 'fixture' },
    locale,
    snapshot: snapshotOf(dialogue as never, state),
  };
  return [policyDecided(data), { id, causation: opening.envelope.id, basis: opening.position, emitter: 'policy' }];
}

/** What comes back for a decision that asks the outside world; undefined for any other event. */
function resultFor({ type, data }: Envelope, stubs: ReadonlyMap<string, Stub>): Draft | undefined {
  if (type !== policyDecided.type) return undefined;
  const { act } = data as { readonly act: Act };
  switch (act.kind) {
    case 'call': {
      const { action } = act;
      const stub = stubs.get(action) ?? { kind: 'failed', reason: 'unreachable' };
      return stub.kind === 'done'
        ? actionCompleted({ action, slots: { ...stub.slots } })
        : actionFailed({ action, reason: stub.reason });
    }
    case 'generate':
    case 'choose':
      return answerFailed({ reason: 'not-configured' });
    default:
      return undefined;
  }
}
