import { policyDecided } from '../../events/decision.ts';
import { agentReplied, ticketWritten } from '../../events/desk.ts';
import type { EventId, SessionId, TenantId } from '../../events/envelope.ts';
import { customerReminded } from '../../events/session.ts';
import { replyDelivered, replyDeliveryFailed, turnHandedOff, turnReplied } from '../../events/turn.ts';
import { defineReaction, type Context } from '../../shared/function/define.ts';
import { deskBodyOf } from './desk-notification.ts';
import { bodyOf, type Deliverable } from './notification.ts';
import { TOO_LATE_MS, waitAfter } from './schedule.ts';

/** A channel's own address, and what replies to it are signed with. */
export interface Endpoint {
  readonly name: string;
  readonly url: string;
  /** More than one while they are being changed: each signs. */
  readonly secrets: readonly string[];
  /** The server is one of the operator's own. */
  readonly allowPrivate: boolean;
}

/** What is posted. The id stays the same over all attempts, so that the channel can tell a repetition. */
export interface Notification {
  readonly id: EventId;
  readonly body: string;
}

/** What came of one attempt. `final`: no other one can do better. Reasons are the platform's words. */
export type Attempt =
  | { readonly kind: 'delivered'; readonly status: number }
  | { readonly kind: 'failed'; readonly reason: string; readonly final: boolean; readonly retryAfterMs?: number };

/** What this function asks of the outside world. */
export interface Delivering {
  readonly endpointOf: (tenant: TenantId, type: string) => Endpoint | undefined;
  /** What the customer said in the turn of an event; undefined where it is gone. */
  readonly saidIn: (event: Deliverable) => Promise<string | undefined>;
  /** How many attempts were made before this one, those included that a breaker spared the endpoint. */
  readonly attempts: number;
  /** The wait before each attempt, milliseconds. */
  readonly schedule: readonly number[];
  /** From 0 to 1. */
  readonly chance: () => number;
  readonly post: (endpoint: Endpoint, notification: Notification, signal: AbortSignal) => Promise<Attempt>;
  /** Has this event delivered again after a time, after so many attempts. Repeating it is harmless. */
  readonly tryAgain: (
    event: { readonly type: string; readonly tenant: TenantId; readonly session: SessionId; readonly position: number },
    attempts: number,
    afterMs: number,
  ) => Promise<void>;
}

/** Longer than a post, shorter than the acknowledgement wait. */
const TIMEOUT_MS = 20_000;

/** What customers are told, which goes to the channel. */
export const TO_CHANNELS = [turnReplied, turnHandedOff, customerReminded, agentReplied] as const;
/** What a desk has to know. An event goes to one address, so these are other types than those. */
export const TO_DESKS = [policyDecided, ticketWritten] as const;

/**
 * Pushes what customers are told to the channel's own address, and what a desk has to know to the desk's. Each run is one attempt; what has to wait for the next one
 * waits in the log and not here. It never shares a chain with the functions of a turn: a slow customer's server must
 * not hold up a conversation.
 */
export const deliver = defineReaction({
  name: 'deliver',
  on: [...TO_CHANNELS, ...TO_DESKS],
  emits: [replyDelivered, replyDeliveryFailed],
  limits: { timeoutMs: TIMEOUT_MS, attempts: 1 },
  // The turn has ended already: nothing is left to be said about it, and the policy must not be woken.
  failure: 'dead-letter',

  async handle(event, { now, ports, signal }: Context<Delivering>) {
    const body = event.type === 'policy.decided' ? await deskBodyOf(event, ports.saidIn) : bodyOf(event);
    if (body === undefined) return [];
    const endpoint = ports.endpointOf(event.tenant, event.type);
    const failed = (reason: string, attempts: number) => [
      replyDeliveryFailed({ endpoint: endpoint?.name ?? 'none', reason, attempts }),
    ];
    if (!endpoint) return ports.attempts > 0 ? failed('the endpoint was withdrawn', ports.attempts) : [];
    // A tenant that names an address today does not want the replies of last month.
    if (ports.attempts === 0 && now.getTime() - Date.parse(event.time) > TOO_LATE_MS) return failed('too late', 0);

    const attempts = ports.attempts + 1;
    const attempt = await ports.post(endpoint, { id: event.id, body }, signal);
    if (attempt.kind === 'delivered') {
      return [replyDelivered({ endpoint: endpoint.name, status: attempt.status, attempts })];
    }
    const wait = waitAfter(attempts, ports.schedule, attempt.retryAfterMs, ports.chance());
    if (attempt.final || wait === undefined) return failed(attempt.reason, attempts);
    await ports.tryAgain(event, attempts, wait);
    return [];
  },
});
