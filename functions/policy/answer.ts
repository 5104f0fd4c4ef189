import type { Act, MidTurn, Said } from '../../events/decision.ts';
import type { DataOf } from '../../events/define.ts';
import type { policyDecided } from '../../events/decision.ts';
import type { Bot, BotSettings } from '../../shared/bot/bot.ts';
import { migrated } from '../../shared/bot/migrate.ts';
import { programOf, type Program } from '../../shared/bot/program.ts';
import { STANDARD_RESPONSES } from '../../shared/bot/standard.ts';
import type { DialogueState, Pending, Turn, Understanding } from '../../shared/session/state.ts';
import { answerQuestion } from './patterns/answer.ts';
import { afterChoice, clarify } from './patterns/clarification.ts';
import { correctSlot } from './patterns/correction.ts';
import { fallBack, lookUp } from './patterns/not-understood.ts';
import type { Start } from './going.ts';
import { refuseValue } from './patterns/validation.ts';
import { followWish } from './patterns/wish.ts';
import type { Pattern, Plan } from './plan.ts';
import { run, type Run } from './run.ts';
import { tooMany } from './slot-budget.ts';
import { situationOf } from './situation.ts';

/** Everything of a decision that follows from the session and the bot. */
export type Answer = Omit<DataOf<typeof policyDecided>, 'step' | 'locale' | 'snapshot'>;

/** In this order: the first that is a way to answer the turn counts, and the last one always is. */
const PATTERNS: readonly Pattern[] = [correctSlot, answerQuestion, refuseValue, clarify, followWish, lookUp, fallBack];

/** A flow that asks for something says why it could not go on; other runs say what began them. */
const ASKING = new Set(['flow', 'question-answered', 'two-intents']);
const OUTSIDE_MS = 10_000;

/** What the bot does about a turn that is understood. */
export function answer(bot: Bot, state: DialogueState, turn: Turn): Answer {
  const known = forgetful(bot, state);
  const situation = situationOf(bot, known, turn);
  for (const pattern of PATTERNS) {
    const plan = pattern(situation);
    if (!plan) continue;
    const { rule, stack, asks, answered = [], refused = [], forgets = [], context = {}, says = [] } = plan;
    const start = {
      program: situation.program,
      state: known,
      text: turn.text,
      stack,
      set: { ...renamedSince(state, known), ...situation.filled },
      forgets: [...forgottenSince(state, known), ...forgets],
      says,
      answered,
      refused,
      context,
    };
    return answerOf(bot, known, asks ? asking(start, asks) : run(start), rule, situation.understood);
  }
  throw new Error('the last pattern answers everything');
}

/** What the bot does once something has come back from outside, or did not come back in time. */
export function goOn(bot: Bot, state: DialogueState, turn: Turn, pending: Pending): Answer {
  const program = programOf(bot);
  const { says, outcome } = pending;
  // No step of a flow waits for a choice: what begins now begins without an outcome.
  const { rule, stack, says: more = [] } = plannedAfter(program, state, pending);
  const done = run({
    program,
    state,
    text: turn.text,
    stack,
    set: {},
    forgets: [],
    says: [...says, ...more],
    answered: [],
    refused: [],
    context: {},
    ...(outcome && pending.kind !== 'choose' && { outcome }),
  });
  return answerOf(bot, state, done, rule, { kind: 'failed' });
}

function plannedAfter(program: Program, state: DialogueState, pending: Pending): Plan {
  if (pending.kind === 'choose') return afterChoice(program, state, pending);
  return { rule: pending.outcome?.kind === 'failed' ? 'outside-failed' : 'outside-done', stack: state.stack };
}

/** A run that stops before its first step, because something has to be known first. */
const asking = ({ says, stack, set, forgets }: Start, act: Act): Run => ({
  act,
  says,
  stack,
  set,
  forgets,
  path: [],
  cites: [],
});

/** A decision that changes nothing about the flows. */
export const unchanged = (state: DialogueState, act: Act, rule: string, says: readonly Said[] = []): Answer => ({
  act,
  says: [...says],
  slots: {},
  forgets: [],
  stack: [...state.stack],
  why: { rule },
});

/** The answer, with what was done about another message that was waiting. */
export const beside = (answer: Answer, midTurn: MidTurn | undefined): Answer =>
  midTurn ? { ...answer, why: { ...answer.why, midTurn } } : answer;

function answerOf(bot: Bot, state: DialogueState, done: Run, planned: string, understood: Understanding): Answer {
  const { act, says, stack, set, forgets, path, cites } = done;
  const timer = timerOf(bot.settings, act);
  const { name: intent, confidence } =
    understood.kind === 'classified' ? understood : { name: undefined, confidence: undefined };
  return {
    act,
    says: [...says],
    slots: { ...set },
    forgets: [...forgets, ...tooMany(state.slots, set, forgets)],
    stack: [...stack],
    ...(timer && { timer }),
    why: {
      rule: ruleOf(done, planned),
      ...(intent !== undefined && { intent }),
      ...(confidence !== undefined && { confidence }),
      ...(path.length > 0 && { path: [...path] }),
      ...(cites.length > 0 && { cites: [...cites] }),
    },
  };
}

function ruleOf({ act, says }: Run, planned: string): string {
  // A question is put again where its answer was refused, and where nothing was understood.
  const isMissed = says.some(({ response }) => response === STANDARD_RESPONSES.fallBack);
  if (act.kind === 'ask' && act.again && !isMissed) return 'value-refused';
  if (act.kind === 'ask' && ASKING.has(planned)) return 'slot-missing';
  return act.kind === 'hand-off' && act.reason === 'not understood' ? 'misses' : planned;
}

/** The timer that a decision sets. */
export function timerOf(settings: BotSettings, { kind }: Act): Answer['timer'] {
  const { remindAfterMs, closeAfterMs, handOverAfterMs, outsideAfterMs = OUTSIDE_MS } = settings;
  switch (kind) {
    case 'call':
    case 'search':
    case 'generate':
    case 'choose':
      return { purpose: 'deadline', afterMs: outsideAfterMs };
    case 'hand-off':
      return handOverAfterMs === undefined ? undefined : { purpose: 'hand-over', afterMs: handOverAfterMs };
    case 'ask':
      if (remindAfterMs !== undefined) return { purpose: 'silence', afterMs: remindAfterMs };
      return timerOf(settings, { kind: 'respond' });
    case 'respond':
    case 'fall-back':
    case 'remind':
    case 'hand-back':
    case 'ticket':
      return closeAfterMs === undefined ? undefined : { purpose: 'idle', afterMs: closeAfterMs };
    case 'forward':
    case 'close':
    case 'refuse':
    case 'supersede':
    case 'take':
      return undefined;
  }
}

/** Where a bot does not want to know a returning customer any more, it begins without what was said before. */
const forgetful = (bot: Bot, state: DialogueState): DialogueState => {
  if (state.returned && bot.settings.carryOverSlots === false) {
    return { ...state, slots: {}, stack: [], asking: null, done: null };
  }
  const slots = migrated(bot, state.slots);
  return slots === state.slots ? state : { ...state, slots };
};

/** What slots of an earlier version are called now. */
const renamedSince = (before: DialogueState, now: DialogueState): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(now.slots).filter(([slot]) => !Object.hasOwn(before.slots, slot)));

const forgottenSince = (before: DialogueState, now: DialogueState): readonly string[] =>
  Object.keys(before.slots).filter((slot) => !Object.hasOwn(now.slots, slot));
