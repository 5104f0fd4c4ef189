import type { ConversationEvent } from '../../../events/catalogue.ts';
import { policyDecided, type Act, type Purpose } from '../../../events/decision.ts';
import type { DataOf, Draft } from '../../../events/define.ts';
import type { EventId } from '../../../events/envelope.ts';
import type { Message } from '../../../events/fields.ts';
import { sessionOpened, timerFired } from '../../../events/session.ts';
import { turnHandedOff, turnReplied, turnSuperseded } from '../../../events/turn.ts';
import {
  entitiesExtracted,
  intentClassified,
  intentNotRecognised,
  utteranceReceived,
} from '../../../events/understanding.ts';
import type { Bot } from '../../../shared/bot/bot.ts';
import { derivedId } from '../../../shared/runtime/ids.ts';
import { stateHash } from '../../../shared/runtime/seal.ts';
import { dialogue } from '../../../shared/session/fold.ts';
import { isWaiting } from '../../../shared/session/decided.ts';
import type { DialogueState } from '../../../shared/session/state.ts';
import { incoming, newSession } from '../../../shared/testing/rig.ts';
import { render } from '../../reply/render.ts';
import { policy } from '../handler.ts';

type Decided = Omit<DataOf<typeof policyDecided>, 'snapshot'> & { readonly id: EventId };

/** What stands in for the models: what was understood of a message. */
export interface Heard {
  readonly intent?: string;
  readonly confidence?: number;
  readonly others?: readonly { readonly intent: string; readonly confidence: number }[];
  readonly entities?: Readonly<Record<string, string>>;
  readonly payload?: string;
  readonly locale?: string;
}

/** A conversation with the policy and the fold alone: what is said and heard, and what the customer is told. */
export function conversation(begun: Bot, locale = 'en', channel = 'web') {
  let bot = begun;
  const ref = newSession();
  let state: DialogueState = dialogue.initial;
  let position = 0;
  const decisions: Decided[] = [];
  const events: ConversationEvent[] = [];
  const told: string[] = [];
  let last: ReturnType<typeof render> = [];

  const add = (draft: Draft, over: { turn?: EventId; causation?: EventId; id?: EventId } = {}): EventId => {
    position += 1;
    const event = incoming(ref, draft, over);
    events.push({ ...event, position } as ConversationEvent);
    state = dialogue.evolve(state, { ...event, position } as ConversationEvent);
    if (JSON.stringify(state).length > 4_096) throw new Error('the state is too large');
    return event.id;
  };
  const decideAll = (): void => {
    for (;;) {
      const next = policy.decide(state, { now: new Date(0), bot });
      if (!next) return;
      const { cause, turn, data } = next;
      const id = derivedId(cause, 'policy', data.step);
      const snapshot = { fold: dialogue.version, hash: stateHash(state), state: {} };
      add(policyDecided({ ...data, snapshot }), { id, causation: cause, ...(turn && { turn }) });
      decisions.push({ ...data, id });
      if (isWaiting(data.act)) continue;
      const messages = data.says.flatMap((it) => render(bot, it, { locale: data.locale, channel: state.channel }));
      if (messages.length > 0) last = messages;
      told.push(...messages.map(({ text }) => text));
      if (turn) add(endingOf(data.act, messages), { turn });
    }
  };

  add(sessionOpened({ channel, bot: { name: bot.name, hash: bot.hash }, locale }));
  return {
    get state() {
      return state;
    },
    /** Everything that has happened. */
    get events(): readonly ConversationEvent[] {
      return events;
    },
    get decisions(): readonly Decided[] {
      return decisions;
    },
    /** The buttons under what was said last. */
    get buttons() {
      return last.flatMap(({ buttons }) => buttons);
    },
    /** The customer says something, and nothing is understood yet; the turn. */
    utter(text: string, heard: Heard = {}): EventId {
      const { payload } = heard;
      const data = { text, locale: heard.locale ?? locale, channel, bot: { name: bot.name, hash: bot.hash } };
      return add(utteranceReceived({ ...data, ...(payload !== undefined && { payload }) }));
    },
    /** What was said in a turn is understood; what the customer is told by then. */
    understand(turn: EventId, { intent, confidence = 0.9, others = [], entities = {} }: Heard): readonly string[] {
      const from = told.length;
      const found = Object.entries(entities).map(([entity, value]) => ({ entity, value, start: 0, end: 1 }));
      add(entitiesExtracted({ entities: found, model: 'm' }), { turn });
      const ranked = others.map((it) => ({ ...it }));
      add(
        intent === undefined
          ? intentNotRecognised({ best: ranked, model: 'm' })
          : intentClassified({ intent, confidence, others: ranked, model: 'm' }),
        { turn },
      );
      decideAll();
      return told.slice(from);
    },
    /** The customer says something that is understood at once; what the customer is told. */
    say(text: string, heard: Heard = {}): readonly string[] {
      return this.understand(this.utter(text, heard), heard);
    },
    /** From now on, messages are for another version of the bot. */
    becomes(version: Bot): void {
      bot = version;
    },
    /** Something else happens; what the customer is told. */
    happen(draft: Draft, over: { turn?: EventId; causation?: EventId } = {}): readonly string[] {
      const from = told.length;
      add(draft, over);
      decideAll();
      return told.slice(from);
    },
    /** Something else happens, and nothing is decided yet. */
    wait(draft: Draft): void {
      add(draft);
    },
    /** The timer for a purpose runs out. */
    fire(purpose: Purpose): readonly string[] {
      const timer = state.timers.find((t) => t.purpose === purpose)?.decision ?? '0'.repeat(26);
      return this.happen(timerFired({ timer }));
    },
    /** The decision that was made last. */
    get decided(): Decided {
      const decision = decisions.at(-1);
      if (!decision) throw new Error('nothing was decided');
      return decision;
    },
  };
}

function endingOf(act: Act, messages: readonly Message[]): Draft {
  if (act.kind === 'supersede') return turnSuperseded({ by: act.by });
  return act.kind === 'hand-off' || act.kind === 'forward'
    ? turnHandedOff({ messages: [...messages], locale: 'en', reason: '' })
    : turnReplied({ messages: [...messages], locale: 'en' });
}
