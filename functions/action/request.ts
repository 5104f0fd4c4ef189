import type { ActionRule, Json } from '../../shared/bot/actions.ts';
import type { SlotRule } from '../../shared/bot/bot.ts';
import type { Connection } from './connections.ts';

/** What is sent for an action, before it is signed. */
export interface ActionRequest {
  readonly method: ActionRule['method'];
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

type Values = Readonly<Record<string, string>>;

const PLACEHOLDER = /\{([^{}]*)\}/gu;
const WHOLE = /^\{([^{}]*)\}$/u;
/** `.` and `..`, also as URLs write them: they would lead out of the path. */
const STEPS_OUT = /^(?:\.|%2e){1,2}$/iu;

/**
 * Fills in an action. Undefined where it cannot be: a value is missing that the address or a text needs, a path would be
 * left, or the tenant's configuration lacks the address or a secret. What stands alone is sent as what its slot holds (a
 * number, yes or no), and left out where the slot is empty.
 */
export function requestOf(
  rule: ActionRule,
  { values, slots }: { readonly values: Values; readonly slots: readonly SlotRule[] },
  connection: Connection,
): ActionRequest | undefined {
  const url = urlOf(rule, values, connection);
  const headers = headersOf(rule, connection);
  if (url === undefined || headers === undefined) return undefined;
  const { method, body } = rule;
  const typed = (slot: string): Json | undefined => typedValue(slots, slot, values[slot]);
  try {
    const sent = body === undefined ? undefined : filled(body, values, typed);
    if (sent === undefined) return { method, url, headers };
    return { method, url, headers: { ...headers, 'content-type': 'application/json' }, body: JSON.stringify(sent) };
  } catch (error) {
    if (error instanceof Missing) return undefined;
    throw error;
  }
}

/** A value that a text needs. */
class Missing extends Error {}

function urlOf({ url, query = {} }: ActionRule, values: Values, connection: Connection): string | undefined {
  const isPath = url.startsWith('/');
  if (isPath && connection.url === undefined) return undefined;
  try {
    const whole = (isPath ? (connection.url ?? '') : '') + textOf(url, values, encodeURIComponent);
    const [path = ''] = whole.split(/[?#]/u);
    if (path.split('/').some((segment) => STEPS_OUT.test(segment))) return undefined;
    const parameters = Object.entries(query).flatMap(([name, template]) => {
      const alone = WHOLE.exec(template)?.[1];
      if (alone !== undefined && !Object.hasOwn(values, alone)) return [];
      return [`${encodeURIComponent(name)}=${textOf(template, values, encodeURIComponent)}`];
    });
    if (parameters.length === 0) return whole;
    return `${whole}${whole.includes('?') ? '&' : '?'}${parameters.join('&')}`;
  } catch (error) {
    if (error instanceof Missing || error instanceof URIError) return undefined;
    throw error;
  }
}

function headersOf({ headers = {} }: ActionRule, connection: Connection): Values | undefined {
  const all = Object.entries(headers).map(
    ([name, value]) =>
      [name.toLowerCase(), 'text' in value ? value.text : connection.headers.get(value.secret)] as const,
  );
  if (all.some(([, value]) => value === undefined)) return undefined;
  return Object.fromEntries(all) as Values;
}

function filled(body: Json, values: Values, typed: (slot: string) => Json | undefined): Json | undefined {
  if (typeof body === 'string') {
    const alone = WHOLE.exec(body)?.[1];
    return alone === undefined ? textOf(body, values, (value) => value) : typed(alone);
  }
  if (typeof body !== 'object' || body === null) return body;
  if (isList(body)) return body.map((item) => filled(item, values, typed)).filter((item) => item !== undefined);
  const entries = Object.entries(body).map(([key, value]) => [key, filled(value, values, typed)] as const);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined)) as Json;
}

const isList = (body: object): body is readonly Json[] => Array.isArray(body);

const textOf = (template: string, values: Values, write: (value: string) => string): string =>
  template.replace(PLACEHOLDER, (_, slot: string) => {
    const value = Object.hasOwn(values, slot) ? values[slot] : undefined;
    if (value === undefined) throw new Missing();
    return write(value);
  });

function typedValue(slots: readonly SlotRule[], slot: string, value: string | undefined): Json | undefined {
  if (value === undefined) return undefined;
  switch (slots.find(({ name }) => name === slot)?.type) {
    case 'float': {
      const number = Number(value);
      return Number.isFinite(number) ? number : value;
    }
    case 'bool':
      return value === 'true';
    case 'text':
    case 'categorical':
    case undefined:
      return value;
  }
}
