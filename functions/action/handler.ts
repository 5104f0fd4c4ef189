import { policyDecided } from '../../events/decision.ts';
import type { EventId } from '../../events/envelope.ts';
import { actionCompleted, actionFailed } from '../../events/outside.ts';
import type { DataOf } from '../../events/define.ts';
import { defineReaction, type Context } from '../../shared/function/define.ts';

/** What this function asks of the outside world. */
export interface Acting {
  /** Does an action in the systems of a bot's owner. Never fails for what they do; fails where the platform cannot ask. */
  readonly callAction: (call: ActionCall, signal: AbortSignal) => Promise<ActionResult>;
}

/** An action that was decided upon. */
export interface ActionCall {
  /** The decision: whoever is asked tells a repetition by what follows from it. */
  readonly decision: EventId;
  readonly tenant: string;
  /** The hash of the bot that declares it. */
  readonly bot: string;
  readonly action: string;
  readonly arguments: Readonly<Record<string, string>>;
}

/** What came of it. */
export type ActionResult =
  | { readonly kind: 'done'; readonly slots: Readonly<Record<string, string>> }
  | { readonly kind: 'failed'; readonly reason: DataOf<typeof actionFailed>['reason'] };

/** Longer than an action may take, shorter than the acknowledgement wait. */
const TIMEOUT_MS = 4_500;

/** Carries out what the policy decided to ask of the customer's own systems. */
export const action = defineReaction({
  name: 'action',
  on: [policyDecided],
  kinds: ['call'],
  emits: [actionCompleted, actionFailed],
  limits: { timeoutMs: TIMEOUT_MS, attempts: 1 },
  failure: 'step-failed',

  async handle({ id, tenant, time, data }, { now, ports, signal }: Context<Acting>) {
    const { act, snapshot, timer } = data;
    if (act.kind !== 'call') return [];
    // Nobody waits for it any more, and the customer was told so: what is done now would be done behind their back.
    if (timer && now.getTime() - Date.parse(time) >= timer.afterMs) {
      return [actionFailed({ action: act.action, reason: 'timed-out' })];
    }
    const bot = (snapshot.state as { bot?: { hash: string } | null }).bot?.hash ?? '';
    const call = { decision: id, tenant, bot, action: act.action, arguments: act.arguments };
    const result = await ports.callAction(call, signal);
    return result.kind === 'done'
      ? [actionCompleted({ action: act.action, slots: { ...result.slots } })]
      : [actionFailed({ action: act.action, reason: result.reason })];
  },
});
