import * as v from 'valibot';
import { DIMENSIONS } from '../nlu/entities/builtin/dimensions.ts';
import { MidTurn } from '../../events/decision.ts';
import { StoredAction } from './actions.ts';
import type { Bot } from './bot.ts';
import { canonicalBot } from './canonical.ts';
import { BotError } from './error.ts';
import { earlierBot } from './earlier.ts';
import { patternProblem } from './pattern.ts';
import { StoredFlow, StoredSlot } from './stored-flow.ts';

const text = v.string();
const list = <T>(item: v.GenericSchema<T>): v.GenericSchema<T[]> => v.array(item);
const response = v.strictObject({
  locale: text,
  channel: v.exactOptional(text),
  condition: v.exactOptional(v.record(text, text)),
  text,
  buttons: list(v.strictObject({ title: text, payload: text })),
});
const pattern = v.pipe(
  text,
  v.check((source) => patternProblem(source) === undefined, 'not a pattern that can be trusted'),
);

const share = v.pipe(v.number(), v.minValue(0), v.maxValue(1));
const positive = v.pipe(v.number(), v.integer(), v.minValue(1));

const patience = {
  afterWordsMs: v.exactOptional(positive),
  withoutWordsMs: v.exactOptional(positive),
  longestMs: v.exactOptional(positive),
};

const place = v.pipe(v.number(), v.integer(), v.minValue(0));
const example = v.strictObject({
  locale: text,
  text,
  marks: v.exactOptional(
    v.array(
      v.strictObject({
        entity: text,
        role: v.exactOptional(text),
        group: v.exactOptional(text),
        start: place,
        end: place,
      }),
    ),
  ),
});

/** A bot as it stands in the log. What its files are checked for, it has behind it; the hash says that it is still that. */
const StoredBot = v.strictObject({
  name: text,
  hash: v.pipe(text, v.regex(/^[0-9a-f]{32}$/)),
  locales: v.tupleWithRest([text], text),
  intents: list(v.strictObject({ name: text, examples: list(example) })),
  entities: list(
    v.strictObject({
      name: text,
      patterns: list(pattern),
      words: list(v.strictObject({ word: text, value: text })),
      dimension: v.exactOptional(v.picklist(DIMENSIONS)),
      contexts: v.exactOptional(list(v.strictObject({ role: text, before: text, after: text }))),
      groups: v.exactOptional(list(text)),
      learned: v.exactOptional(v.literal(true)),
    }),
  ),
  slots: list(StoredSlot),
  flows: list(StoredFlow),
  responses: v.record(text, v.pipe(v.array(response), v.minLength(1))),
  migrate: v.exactOptional(v.strictObject({ from: list(text), slots: v.record(text, v.nullable(text)) })),
  actions: v.exactOptional(v.array(StoredAction)),
  settings: v.strictObject({
    threshold: share,
    missesBeforeHandOff: v.pipe(v.number(), v.integer(), v.minValue(1)),
    remindAfterMs: v.exactOptional(positive),
    closeAfterMs: v.exactOptional(positive),
    handOverAfterMs: v.exactOptional(positive),
    outsideAfterMs: v.exactOptional(positive),
    clarifyWithin: v.exactOptional(share),
    secondIntent: v.exactOptional(share),
    knowledge: v.exactOptional(v.picklist(['passages', 'generated'])),
    unsure: v.exactOptional(v.literal('model')),
    neverSay: v.exactOptional(v.array(text)),
    midTurn: v.exactOptional(v.record(text, MidTurn)),
    carryOverSlots: v.exactOptional(v.literal(false)),
    timezone: v.exactOptional(text),
    voice: v.exactOptional(
      v.strictObject({
        greeting: v.exactOptional(text),
        betweenKeysMs: v.exactOptional(positive),
        ...patience,
        questions: v.exactOptional(v.record(text, v.strictObject({ ...patience, keys: v.exactOptional(positive) }))),
      }),
    ),
  }),
});

/** Reads a bot that was stored as JSON, given parsed or as text, and checks that it still is what its hash says. */
export function parseBot(json: unknown): Bot {
  const stored = typeof json === 'string' ? jsonOf(json) : json;
  const old = earlierBot(stored);
  if (old) return old;
  const result = v.safeParse(StoredBot, stored);
  if (!result.success) {
    const issues = result.issues.map((issue) => problem(v.getDotPath(issue) ?? '', issue.message));
    throw new BotError('the stored bot', issues);
  }
  const { hash, ...content } = result.output;
  const bot = canonicalBot(content);
  if (bot.hash !== hash)
    throw new BotError('the stored bot', [problem('hash', `the content has the hash ${bot.hash}`)]);
  return bot;
}

function jsonOf(source: string): unknown {
  try {
    return JSON.parse(source);
  } catch (error) {
    throw new BotError('the stored bot', [problem('', 'this is not JSON')], { cause: error });
  }
}

/** JSON has no lines worth naming: the path to the value stands for the file. */
function problem(path: string, message: string): { file: string; line: number; column: number; message: string } {
  return { file: path === '' ? 'bot' : `bot.${path}`, line: 1, column: 1, message };
}
