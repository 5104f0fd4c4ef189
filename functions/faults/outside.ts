import { policyDecided } from '../../events/decision.ts';
import { actionCompleted } from '../../events/outside.ts';
import type { Bot } from '../../shared/bot/bot.ts';
import { defineReaction } from '../../shared/function/define.ts';
import type { Group } from '../../shared/runtime/chain.ts';
import { testBot } from '../../shared/testing/bot.ts';
import { keywordPorts } from '../../shared/testing/rig.ts';
import { groupsOf, type Hosting } from '../index.ts';

/** The test bot, with a flow that asks the outside world, so that a turn takes two decisions. */
export const outsideBot: Bot = {
  ...testBot,
  intents: [...testBot.intents, { name: 'order_status', examples: [{ locale: 'en', text: 'status' }] }],
  slots: [...testBot.slots, { name: 'status', type: 'text', fill: [] }],
  flows: [
    ...testBot.flows,
    {
      id: 'order_status',
      intents: ['order_status'],
      steps: [
        { id: '1', kind: 'collect', slot: 'order_number', ask: 'utter_ask_order_number', next: [{ to: '2' }] },
        { id: '2', kind: 'action', action: 'action_order_status', next: [{ to: '3' }] },
        { id: '3', kind: 'say', response: 'utter_status', next: [] },
      ],
    },
  ],
  responses: {
    ...testBot.responses,
    utter_status: [{ locale: 'en', text: 'Order {order_number} is {status}.', buttons: [] }],
  },
};

/** Does what the bot asks of the outside world: the same for the same question. */
const outside = defineReaction({
  name: 'outside',
  on: [policyDecided],
  emits: [actionCompleted],
  limits: { timeoutMs: 1_000, attempts: 3 },
  failure: 'step-failed',
  handle: ({ data: { act } }) =>
    act.kind === 'call'
      ? [actionCompleted({ action: act.action, slots: { status: `known as ${act.arguments['order_number'] ?? ''}` } })]
      : [],
});

/** The groups of a deployment that has somebody to do what its bots ask for. */
export const groupsWithOutside = (hosting: Hosting): readonly Group[] => {
  const groups = groupsOf(hosting);
  return hosting === 'chained'
    ? groups.map((group) => ({ ...group, functions: [...group.functions, outside] }))
    : [...groups, { name: outside.name, functions: [outside] }];
};

/** Ports that understand that bot by keyword. */
export const outsidePorts = { ...keywordPorts, botOf: () => Promise.resolve(outsideBot) };
