import type { Bot } from '../../../shared/bot/bot.ts';
import type { BotIssue } from '../../../shared/bot/error.ts';
import { DEFAULT_FLOWS, DEFAULT_SLOTS } from '../../../shared/bot/defaults/flows.ts';
import { DEFAULT_RESPONSES } from '../../../shared/bot/defaults/responses.ts';
import { didYouMean } from '../../../shared/bot/nearest.ts';
import type { Expectation, TestCase } from './case.ts';

/** What Rasa calls an utterance that is not understood. */
export const NOT_UNDERSTOOD = 'nlu_fallback';

/** Names in tests that the bot does not have: what waits for them could never come, or never fail. */
export function unknownNames(bot: Bot, cases: readonly TestCase[]): readonly BotIssue[] {
  const known: Readonly<Record<string, ReadonlySet<string>>> = {
    response: new Set([...Object.keys(bot.responses), ...Object.keys(DEFAULT_RESPONSES)]),
    slot: new Set([...bot.slots, ...DEFAULT_SLOTS].map(({ name }) => name)),
    flow: new Set([...bot.flows, ...DEFAULT_FLOWS].map(({ id }) => id)),
    intent: new Set([...bot.intents.map(({ name }) => name), NOT_UNDERSTOOD]),
  };
  const problem = (what: string, name: string, place: TestCase['place']): readonly BotIssue[] =>
    known[what]?.has(name)
      ? []
      : [{ ...place, message: `unknown ${what} ${name}`, ...didYouMean(name, known[what] ?? []) }];
  return cases.flatMap((test) => [
    ...Object.keys(test.slots).flatMap((slot) => problem('slot', slot, test.place)),
    ...test.rounds.flatMap(({ expects }) =>
      expects.flatMap(({ what, place }) => namesIn(what).flatMap(([kind, name]) => problem(kind, name, place))),
    ),
  ]);
}

function namesIn(what: Expectation): readonly (readonly [string, string])[] {
  switch (what.kind) {
    case 'utter':
      return [['response', what.response]];
    case 'uttered':
    case 'not-uttered':
      return what.response === undefined ? [] : [['response', what.response]];
    case 'slot-set':
    case 'slot-not-set':
      return [['slot', what.slot]];
    case 'intent':
      return [['intent', what.intent]];
    case 'flow-started':
    case 'flow-completed':
    case 'flow-cancelled':
    case 'clarifies':
      return what.flows.map((flow) => ['flow', flow] as const);
    case 'action':
      return what.action.startsWith('utter_') ? [['response', what.action]] : [];
    case 'bot':
    case 'within':
      return [];
  }
}
