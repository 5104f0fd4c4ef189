import { SECURITY } from '../../shared/http/security.ts';
import type { Context } from 'hono';
import * as v from 'valibot';
import { HttpProblem, invalid, problem, type FieldError } from '../../shared/http/problem.ts';
import { idempotencyKey } from '../../shared/http/idempotency-key.ts';
import type { Caller } from '../../shared/tenancy/authenticate.ts';
import { jsonBody } from './body.ts';
import type { Inside } from './inside.ts';
import type { Quota } from './limits.ts';
import { headerOf } from './header.ts';

/** A request that is allowed to be made, on its way to an answer. */
export interface Exchange {
  readonly c: Context;
  readonly at: Inside;
  readonly caller: Caller;
  readonly quota: Quota;
  readonly traceparent: string | undefined;
}

/** What a route answers. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

const JSON_HEADERS = { ...SECURITY, 'content-type': 'application/json; charset=utf-8' } as const;

export const answered = ({ status, body, headers }: Answer): Response =>
  new Response(JSON.stringify(body), { status, headers: headers ? { ...JSON_HEADERS, ...headers } : JSON_HEADERS });

const JSON_TYPE = /^application\/json *(?:; *charset *= *"?utf-8"?)? *$/iu;

/** The body of a request with this schema. */
export async function bodyOf<T>({ c, at }: Exchange, schema: v.GenericSchema<unknown, T>): Promise<T> {
  if (!JSON_TYPE.test(headerOf(c, 'content-type') ?? '')) throw unsupported('application/json');
  return checked(schema, await jsonBody(c, at.limits));
}

/** A value with this schema, or the problem that names its fields. */
export function checked<T>(schema: v.GenericSchema<unknown, T>, value: unknown, prefix = ''): T {
  const parsed = v.safeParse(schema, value);
  if (parsed.success) return parsed.output;
  const errors = parsed.issues.slice(0, MAX_ERRORS).map((issue) => fieldError(issue, prefix));
  throw new HttpProblem(problem(400, 'invalid-request', 'The request is not valid', { errors }));
}

const MAX_ERRORS = 10;

function fieldError(issue: v.BaseIssue<unknown>, prefix: string): FieldError {
  const path = v.getDotPath(issue) ?? '';
  const field = `${prefix}${prefix && path ? '.' : ''}${path}` || 'body';
  // What was received may be a customer's words, and valibot's own messages quote it.
  if (issue.kind === 'schema') {
    if (issue.expected === 'never') return { field, message: 'is not known' };
    if (issue.received === 'undefined') return { field, message: 'is missing' };
    return { field, message: `is not ${kindOf(issue.expected)}` };
  }
  return { field, message: issue.type === 'max_length' ? 'is too long' : plain(issue) };
}

const plain = ({ message }: v.BaseIssue<unknown>): string => (message.startsWith('Invalid') ? 'is not valid' : message);

const kindOf = (expected: string | null): string =>
  expected === null || expected.length > 80 ? 'what it has to be' : expected;

export const unsupported = (wanted: string): HttpProblem =>
  new HttpProblem(
    problem(415, 'unsupported-media-type', 'The content type is not understood', {
      errors: [{ field: 'Content-Type', message: `has to be ${wanted}` }],
    }),
    { accept: wanted },
  );

/** The key under which a client may repeat a request; undefined where it sent none. */
export function keyOf({ c }: Exchange): string | undefined {
  const header = headerOf(c, 'idempotency-key');
  if (header === undefined) return undefined;
  const key = idempotencyKey(header);
  if (key === undefined) throw invalid('Idempotency-Key', 'is not a string of 1 to 255 visible characters');
  return key;
}

/** How long keys are honoured: for the session's last 128 utterances, and for a minute in any case. */
export const KEY_POLICY = { 'idempotency-key-policy': '"session";q=128, "time";w=60' } as const;

const PREFER_WAIT = /(?:^|[\s,;])wait *= *"?(\d{1,4})"?(?=$|[\s,;])/iu;

/** How long a request wants to wait for a reply, milliseconds. */
export function waitOf({ c, at: { limits } }: Exchange): { readonly waitMs: number; readonly applied?: string } {
  const prefer = headerOf(c, 'prefer');
  const seconds = prefer === undefined ? undefined : PREFER_WAIT.exec(prefer)?.[1];
  if (seconds === undefined) return { waitMs: limits.waitMs };
  const waitMs = Math.min(Number(seconds) * 1_000, limits.maxWaitMs);
  return { waitMs, applied: `wait=${Math.floor(waitMs / 1_000)}` };
}

/** A whole number in the query of a request. */
export function numberIn({ c }: Exchange, parameter: string, fallback: number, max = Number.MAX_SAFE_INTEGER): number {
  const value = c.req.query(parameter);
  return value === undefined ? fallback : wholeNumber(parameter, value, max);
}

/** A whole number that stands in a field. */
export function wholeNumber(field: string, value: string, max = Number.MAX_SAFE_INTEGER): number {
  const number = /^\d{1,16}$/u.test(value) ? Number(value) : Number.NaN;
  if (Number.isNaN(number) || number > max) throw invalid(field, `is not a whole number up to ${max}`);
  return number;
}
