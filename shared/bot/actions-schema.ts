import * as v from 'valibot';
import { JsonValue, METHODS, MOST_RETRIES } from './actions.ts';
import { strict } from './strict.ts';

const name = v.pipe(v.string(), v.regex(/^[a-z][a-z0-9_]{0,63}$/, 'a name has lower-case letters, digits and _'));
const line = v.pipe(v.string(), v.trim(), v.nonEmpty('this must not be empty'), v.maxLength(2_000, 'this is too long'));
const scalar = v.union([v.string(), v.number(), v.boolean()], 'a text, a number, true or false');
/** Of a header: a token of HTTP. */
const token = v.pipe(v.string(), v.regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}$/, 'not the name of a header'));
const pointer = v.pipe(
  v.string(),
  v.regex(/^(?:\/(?:[^/~]|~[01])*)+$/u, 'a JSON pointer such as /order/status'),
  v.maxLength(200, 'this is too long'),
);
const duration = v.pipe(v.string(), v.regex(/^[1-9]\d{0,4}(?:ms|s)$/, 'a duration such as 500ms or 3s'));

/** `actions.yml`: how the actions of the domain ask the systems of the bot's owner. */
export const ActionsFile = strict({
  version: v.optional(v.pipe(v.string(), v.regex(/^3\.\d+$/, 'the version of the format is "3.1"'))),
  actions: v.record(
    name,
    strict({
      description: v.optional(line),
      method: v.optional(v.picklist(METHODS, `a method is one of ${METHODS.join(', ')}`)),
      url: line,
      query: v.optional(v.record(v.string(), v.union([line, v.number(), v.boolean()]))),
      headers: v.optional(
        v.record(
          token,
          v.union([v.pipe(line, v.regex(/^[\x20-\x7e]*$/, 'not the value of a header')), strict({ secret: name })]),
        ),
      ),
      body: v.optional(JsonValue),
      answer: v.optional(JsonValue),
      set_slots: v.optional(v.record(name, pointer), {}),
      statuses: v.optional(
        v.record(
          v.pipe(v.string(), v.regex(/^[45]\d\d$/, 'a status is a number from 400 to 599')),
          v.record(name, scalar),
        ),
      ),
      timeout: v.optional(duration),
      retries: v.optional(
        v.pipe(v.number(), v.integer('a whole number'), v.minValue(0), v.maxValue(MOST_RETRIES, 'at most 3')),
      ),
    }),
  ),
});
export type ActionsFile = v.InferOutput<typeof ActionsFile>;
export type ActionEntry = ActionsFile['actions'][string];
