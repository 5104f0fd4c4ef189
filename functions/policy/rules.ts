import type { Act } from '../../events/decision.ts';
import type { DataOf } from '../../events/define.ts';
import type { policyDecided } from '../../events/decision.ts';
import type { Bot, Flow, SlotSource } from '../../shared/bot/bot.ts';
import { STANDARD_RESPONSES } from '../../shared/bot/standard.ts';
import type { DialogueState, Entity, Understanding } from '../../shared/session/state.ts';

/** An act, and why it was chosen. */
export interface Answer {
  readonly act: Act;
  readonly why: DataOf<typeof policyDecided>['why'];
}

/**
 * What the bot does about a turn. In this order: an answer to the open question, the flow of what the customer wants,
 * the open question once more, a person after too many misses, and a request to say it differently.
 */
export function answer(bot: Bot, state: DialogueState, understood: Understanding, entities: readonly Entity[]): Answer {
  const filled = slotsIn(bot, entities);
  const { asking } = state;
  const wanted = understood.kind === 'classified' ? flowOf(bot, understood.name) : undefined;
  const confidence =
    understood.kind === 'classified' ? { intent: understood.name, confidence: understood.confidence } : {};

  if (asking && filled[asking.slot] !== undefined) {
    // A new wish beside the value ("TS12345678, and I want my money back") wins over the flow that asked.
    const flow = wanted && wanted.collect.length > 0 ? wanted : (flowOf(bot, asking.intent) ?? wanted);
    if (flow) return proceed(flow, { ...state.slots, ...filled }, filled, bot, 'question-answered', confidence);
  }
  if (wanted) return proceed(wanted, { ...state.slots, ...filled }, filled, bot, 'flow', confidence);
  if (state.misses + 1 >= bot.settings.missesBeforeHandOff) {
    const reason = 'not understood';
    return {
      act: { kind: 'hand-off', response: STANDARD_RESPONSES.handOff, slots: filled, reason },
      why: { rule: 'misses', ...confidence },
    };
  }
  return {
    act: { kind: 'fall-back', response: STANDARD_RESPONSES.fallBack },
    why: { rule: 'not-understood', ...confidence },
  };
}

function proceed(
  flow: Flow,
  known: Readonly<Record<string, string>>,
  filled: Readonly<Record<string, string>>,
  bot: Bot,
  rule: string,
  confidence: { readonly intent?: string; readonly confidence?: number },
): Answer {
  const missing = flow.collect.find(({ slot }) => known[slot] === undefined);
  if (missing) {
    const { remindAfterMs } = bot.settings;
    const { slot, ask } = missing;
    const act: Act = {
      kind: 'ask',
      slot,
      intent: flow.intent,
      response: ask,
      slots: filled,
      ...(remindAfterMs !== undefined && { remindAfterMs }),
    };
    return { act, why: { rule: 'slot-missing', ...confidence } };
  }
  const { kind, response } = flow.then;
  const why = { rule, ...confidence };
  switch (kind) {
    case 'respond':
      return { act: { kind, response, slots: filled }, why };
    case 'hand-off':
      return { act: { kind, response, slots: filled, reason: `flow ${flow.intent}` }, why };
    case 'close':
      return { act: { kind, response, slots: filled, reason: `flow ${flow.intent}` }, why };
  }
}

const flowOf = (bot: Bot, intent: string): Flow | undefined => bot.flows.find((f) => f.intent === intent);

/** The values that fill slots: for each slot that some flow collects the first one of its entity, role and group. */
function slotsIn(bot: Bot, entities: readonly Entity[]): Readonly<Record<string, string>> {
  const filled: Record<string, string> = {};
  for (const { slot, from = { entity: slot } } of bot.flows.flatMap((f) => f.collect)) {
    const value = entities.find((it) => fits(it, from))?.value;
    if (value !== undefined) filled[slot] = value;
  }
  return filled;
}

const fits = (it: Entity, wanted: SlotSource): boolean =>
  it.entity === wanted.entity &&
  (wanted.role === undefined || it.role === wanted.role) &&
  (wanted.group === undefined || it.group === wanted.group);
