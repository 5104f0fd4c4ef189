import type { EventId } from '../../events/envelope.ts';
import { assembleBot } from '../../shared/bot/assemble.ts';
import type { Bot } from '../../shared/bot/bot.ts';
import { describeIssue } from '../../shared/bot/error.ts';
import { breakers } from '../../shared/egress/breaker.ts';
import { egress } from '../../shared/egress/post.ts';
import { TENANT } from '../../shared/testing/rig.ts';
import { derivedId } from '../../shared/runtime/ids.ts';
import { DESK_FILES } from '../policy/testing/desk-bot.ts';
import { calls, type Calling } from './call.ts';
import { UNKNOWN, type Connection } from './connections.ts';
import type { ActionCall, ActionResult } from './handler.ts';

/** What tests sign with. */
export const SECRET = `whsec_${'a'.repeat(32)}`;

const ACTIONS = `actions:
  action_order_status:
    url: /orders/{order_number}
    answer:
      type: object
      required: [order]
      properties:
        order: { type: object, required: [status], properties: { status: { type: string, maxLength: 100 } } }
    set_slots: { status: /order/status }
    statuses: { 404: { status: unknown } }
    timeout: 2500ms
  action_refund:
    url: /refunds
    headers: { x-api-key: { secret: orders }, x-channel: bot }
    body: { order: '{order_number}', amount: '{amount}', note: 'for {order_number}', city: '{city}' }
    answer: { type: object, required: [refund] }
    set_slots: { status: /refund/id }
    timeout: 2s
    retries: 3
`;

/** The desk bot with `actions.yml`, and another time in which everything outside has to be done. */
export function actingBot({ actions = ACTIONS, deadline = '4s' } = {}): Bot {
  const bot = DESK_FILES.bot.replace('action_timeout: 4s', `action_timeout: ${deadline}`);
  const texts = Object.entries({ ...DESK_FILES, bot, actions }).map(([kind, text]) => ({
    kind: kind as 'actions' | keyof typeof DESK_FILES,
    file: `${kind}.yml`,
    text,
  }));
  const made = assembleBot(texts);
  if ('hash' in made) return made;
  throw new Error(made.map(describeIssue).join('\n'));
}

/** The same, whose order status has a third of a second. */
export const hurriedBot = (): Bot => actingBot({ actions: ACTIONS.replace('2500ms', '300ms') });

/** The n-th decision. */
export const decisionId = (n: number): EventId => derivedId('0'.repeat(26) as EventId, 'test', n);

/** How the tenant's systems are reached at an address on loopback. */
export const connectionTo = (url: string, over: Partial<Connection> = {}): Connection => ({
  ...UNKNOWN,
  url,
  secrets: [SECRET],
  headers: new Map([['orders', 'key-of-orders']]),
  allowPrivate: true,
  ...over,
});

/** Calls actions of the desk bot over real HTTP. */
export function calling(connection: Connection, over: Partial<Calling> = {}) {
  const bot = over.botOf === undefined ? actingBot() : undefined;
  const out = egress();
  const callAction = calls({
    botOf: () => Promise.resolve(bot as Bot),
    connections: new Map([[TENANT, connection]]),
    open: out.open,
    guard: breakers(),
    now: () => new Date(),
    ...over,
  });
  return (
    action: string,
    given: Readonly<Record<string, string>>,
    more: Partial<ActionCall> & { readonly signal?: AbortSignal } = {},
  ): Promise<ActionResult> => {
    const { signal = new AbortController().signal, ...rest } = more;
    return callAction({ decision: decisionId(1), tenant: TENANT, bot: '', action, arguments: given, ...rest }, signal);
  };
}
