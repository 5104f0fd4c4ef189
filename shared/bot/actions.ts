import * as v from 'valibot';

/** The longest time that an action may take, its repetitions included, milliseconds. Shorter than its function's limit. */
export const LONGEST_MS = 4_000;
/** How long an action may take whose author says nothing. */
export const USUAL_MS = 3_000;
export const MOST_RETRIES = 3;

export const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

/** How an action asks the systems of the bot's owner, as `actions.yml` says it; texts may contain `{slot}`. */
export interface ActionRule {
  readonly name: string;
  readonly method: (typeof METHODS)[number];
  /** A path below the address that the tenant names, or a whole URL, whose host is never filled in. */
  readonly url: string;
  readonly query?: Readonly<Record<string, string>>;
  /** A text, or the name that the tenant's configuration has for a secret. */
  readonly headers?: Readonly<Record<string, { readonly text: string } | { readonly secret: string }>>;
  readonly body?: Json;
  /** JSON Schema (2020-12) of the answer. */
  readonly answer?: Json;
  /** Where in the answer the value of each slot stands: a JSON pointer (RFC 6901). */
  readonly slots: Readonly<Record<string, string>>;
  /** Other statuses that are proper answers, and what they set. */
  readonly statuses?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly timeoutMs: number;
  /** How often it is tried again within its time where nobody answered. */
  readonly retries: number;
}

/** Anything that JSON can say. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

const text = v.string();
export const JsonValue: v.GenericSchema<unknown, Json> = v.lazy(() =>
  v.union([text, v.number(), v.boolean(), v.null(), v.array(JsonValue), v.record(text, JsonValue)]),
);

/** An action as it stands in the log. */
export const StoredAction = v.strictObject({
  name: text,
  method: v.picklist(METHODS),
  url: text,
  query: v.exactOptional(v.record(text, text)),
  headers: v.exactOptional(v.record(text, v.union([v.strictObject({ text }), v.strictObject({ secret: text })]))),
  body: v.exactOptional(JsonValue),
  answer: v.exactOptional(JsonValue),
  slots: v.record(text, text),
  statuses: v.exactOptional(v.record(text, v.record(text, text))),
  timeoutMs: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(LONGEST_MS)),
  retries: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(MOST_RETRIES)),
}) satisfies v.GenericSchema<unknown, ActionRule>;

const PLACEHOLDER = /\{([^{}]*)\}/gu;

/** The slots that a text or a body names. */
export function placeholdersIn(of: Json | undefined): readonly string[] {
  if (typeof of === 'string') return [...of.matchAll(PLACEHOLDER)].map(([, slot = '']) => slot);
  if (typeof of !== 'object' || of === null) return [];
  return Object.values(of).flatMap(placeholdersIn);
}

/** What an action has to be told: the slots that its address, its query and its body name. */
export const neededBy = ({ url, query, body }: ActionRule): readonly string[] => [
  ...new Set([...placeholdersIn(url), ...placeholdersIn(query), ...placeholdersIn(body)]),
];
