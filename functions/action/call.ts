import { setTimeout as delay } from 'node:timers/promises';
import type { TenantId } from '../../events/envelope.ts';
import type { ActionRule } from '../../shared/bot/actions.ts';
import type { AnswerCheck } from '../../shared/bot/answer-schema.ts';
import type { Bot } from '../../shared/bot/bot.ts';
import type { Guard } from '../../shared/egress/breaker.ts';
import type { Open } from '../../shared/egress/post.ts';
import { signedHeaders } from '../../shared/egress/signature.ts';
import { PlatformError } from '../../shared/errors/index.ts';
import { derivedId } from '../../shared/runtime/ids.ts';
import { slotsIn } from './answer.ts';
import { UNKNOWN, type Connection } from './connections.ts';
import { action, type Acting, type ActionCall, type ActionResult } from './handler.ts';
import { requestOf, type ActionRequest } from './request.ts';

/** What calls need around them. */
export interface Calling {
  readonly botOf: (hash: string) => Promise<Bot>;
  readonly connections: ReadonlyMap<TenantId, Connection>;
  readonly open: Open;
  readonly guard: Guard;
  readonly now: () => Date;
}

const FIRST_BACKOFF_MS = 100;
const TOO_MANY = 429;
const TOO_EARLY = new Set([408, 425, TOO_MANY]);

/**
 * Calls the systems of tenants as bots declare it, each action of a tenant under a breaker of its own. Every request of
 * one decision carries the same `Idempotency-Key`, so that repeating it is harmless; it is signed as Standard Webhooks
 * has it. Redirects are not followed. What is answered is read up to a limit and written nowhere but into the slots
 * that the action names.
 */
export function calls({ botOf, connections, open, guard, now }: Calling): Acting['callAction'] {
  return async (call, signal) => {
    const bot = await botOf(call.bot);
    const rule = bot.actions?.find(({ name }) => name === call.action);
    const connection = connections.get(call.tenant as TenantId) ?? UNKNOWN;
    const request = rule && requestOf(rule, { values: call.arguments, slots: bot.slots }, connection);
    if (!rule || !request) return { kind: 'failed', reason: 'refused' };
    const check = await checkOf(rule);
    const limit = AbortSignal.any([signal, AbortSignal.timeout(rule.timeoutMs)]);
    const ask = () => askOnce({ rule, request, connection, key: keyOf(call), open, now, limit, check });
    try {
      return await again(rule, () => guard(`${call.tenant}/${call.action}`, ask));
    } catch (error) {
      // The process has to stop, or the function's own time is over: nobody knows what came of it, and the next one asks.
      if (signal.aborted || !(error instanceof PlatformError)) throw error;
      return { kind: 'failed', reason: reasonOf(error) };
    }
  };
}

/** Named as its result will be: the same for every delivery of the decision, and for no other. */
const keyOf = ({ decision }: ActionCall): string => derivedId(decision, action.name, 0);

const checks = new WeakMap<ActionRule, AnswerCheck>();

async function checkOf(rule: ActionRule): Promise<AnswerCheck | undefined> {
  if (rule.answer === undefined) return undefined;
  const known = checks.get(rule);
  if (known) return known;
  // Takes a tenth of a second to load, which a start need not wait for.
  const { answerCheck } = await import('../../shared/bot/answer-schema.ts');
  const check = answerCheck(rule.answer);
  checks.set(rule, check);
  return check;
}

interface Asking {
  readonly rule: ActionRule;
  readonly request: ActionRequest;
  readonly connection: Connection;
  readonly key: string;
  readonly open: Open;
  readonly now: () => Date;
  readonly limit: AbortSignal;
  readonly check: AnswerCheck | undefined;
}

/** One request. Throws what the breaker is to count; a server that says no has answered. */
async function askOnce({ rule, request, connection, key, open, now, limit, check }: Asking): Promise<ActionResult> {
  const { body } = request;
  const headers = {
    accept: 'application/json',
    'user-agent': 'turnstream',
    ...request.headers,
    'idempotency-key': `"${key}"`,
    ...(connection.secrets.length > 0 && signedHeaders(connection.secrets, { id: key, body: body ?? '' }, now())),
  };
  const opened = await open({ ...request, headers, allowPrivate: connection.allowPrivate, signal: limit });
  const { status, close, retryAfterMs } = opened;
  const expected = rule.statuses?.[String(status)];
  if (status >= 200 && status <= 299) return { kind: 'done', slots: await slotsIn(opened, rule, check) };
  close();
  if (expected) return { kind: 'done', slots: expected };
  if (status < 500 && !TOO_EARLY.has(status)) return { kind: 'failed', reason: 'refused' };
  throw new PlatformError('action.unavailable', `the endpoint answered ${status}`, {
    retry: 'later',
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  });
}

/** Tries again where nobody has answered, as long as there is time. */
async function again<T>({ retries, timeoutMs }: ActionRule, ask: () => Promise<T>): Promise<T> {
  const until = performance.now() + timeoutMs;
  for (let tries = 0; ; tries++) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof PlatformError) || !AGAIN.has(error.code) || tries >= retries) throw error;
      const waitMs = Math.max(FIRST_BACKOFF_MS * 2 ** tries, error.retryAfterMs ?? 0);
      if (performance.now() + waitMs >= until) throw error;
      await delay(waitMs);
    }
  }
}

const AGAIN = new Set(['egress.unreachable', 'egress.unresolved', 'action.unavailable']);

function reasonOf({ code }: PlatformError): Extract<ActionResult, { kind: 'failed' }>['reason'] {
  switch (code) {
    case 'egress.timed-out':
      return 'timed-out';
    case 'egress.refused':
      return 'refused';
    case 'egress.circuit-open':
      return 'circuit-open';
    case 'action.malformed':
      return 'malformed';
    default:
      return 'unreachable';
  }
}
