import * as v from 'valibot';
import { personalValue } from '../../events/fields.ts';
import type { ActionRule } from '../../shared/bot/actions.ts';
import type { AnswerCheck } from '../../shared/bot/answer-schema.ts';
import type { Opened } from '../../shared/egress/post.ts';
import { PlatformError } from '../../shared/errors/index.ts';
import { parseStrictJson } from '../../shared/http/strict-json.ts';

/** More than this is no answer to a question of a dialogue. */
export const LARGEST_ANSWER = 256 * 1_024;
const JSON_TYPE = /^application\/(?:[\w.+-]+\+)?json$/u;

/**
 * The slots that an answer of 2xx gives. Fails with `action.malformed` (later) where it is not JSON, too large, or not
 * as the action's author has declared it; never tells what stood in it.
 */
export async function slotsIn(
  { status, contentType, body, close }: Opened,
  { slots, answer }: ActionRule,
  check: AnswerCheck | undefined,
): Promise<Readonly<Record<string, string>>> {
  const pointers = Object.entries(slots);
  if (answer === undefined && pointers.length === 0) {
    close();
    return {};
  }
  if (!JSON_TYPE.test(contentType) || status === 204) {
    close();
    throw malformed('is not JSON');
  }
  const read = parseStrictJson(await textOf(body, close));
  if (!('value' in read)) throw malformed('is not JSON');
  if (check && !check(read.value)) throw malformed('is not as its action declares it');
  const found = pointers.flatMap(([slot, pointer]) => {
    const value = at(read.value, pointer);
    if (value === undefined || value === null) return [];
    const text = plain(value);
    if (text === undefined) throw malformed('has no plain value for a slot');
    if (!v.is(personalValue, text)) throw malformed('has a value that no slot can hold');
    return [[slot, text] as const];
  });
  return Object.fromEntries(found);
}

function plain(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}

async function textOf(body: Opened['body'], close: () => void): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > LARGEST_ANSWER) {
      close();
      throw malformed('is too large');
    }
    chunks.push(chunk);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
  } catch {
    throw malformed('is not UTF-8');
  }
}

/** What a JSON pointer (RFC 6901) leads to; undefined where there is nothing. */
function at(value: unknown, pointer: string): unknown {
  const tokens = pointer
    .split('/')
    .slice(1)
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
  return tokens.reduce<unknown>(
    (inside, token) =>
      typeof inside === 'object' && inside !== null && Object.hasOwn(inside, token)
        ? (inside as Readonly<Record<string, unknown>>)[token]
        : undefined,
    value,
  );
}

const malformed = (why: string) => new PlatformError('action.malformed', `the answer ${why}`, { retry: 'later' });
