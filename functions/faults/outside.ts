import type { Bot } from '../../shared/bot/bot.ts';
import { testBot } from '../../shared/testing/bot.ts';
import { keywordPorts } from '../../shared/testing/rig.ts';
import type { Acting } from '../action/handler.ts';

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

/** Answers the same to the same question. */
const acting: Acting = {
  callAction: ({ arguments: { order_number: number = '' } }) =>
    Promise.resolve({ kind: 'done', slots: { status: `known as ${number}` } }),
};

/** Ports that understand that bot by keyword, and do what it asks for. */
export const outsidePorts = { ...keywordPorts, ...acting, botOf: () => Promise.resolve(outsideBot) };
