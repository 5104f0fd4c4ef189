import { isDeepStrictEqual } from 'node:util';
import type { Bot, Flow, FlowStep, ResponseVariant } from './bot.ts';

/** What is in one version of something and not in the other, by name. */
export interface Changes {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly ChangedLines[];
}

/** Lines of one thing that only one version has, in the order in which they stand. */
export interface ChangedLines {
  readonly name: string;
  readonly before: readonly string[];
  readonly after: readonly string[];
}

/** `settings`: name, languages and settings. */
export type BotPart = 'intents' | 'entities' | 'slots' | 'flows' | 'responses' | 'actions' | 'settings';

/** Everything in which two versions of a bot differ. */
export type BotDiff = Readonly<Record<BotPart, Changes>>;

/** Compares two bots by what they do; the layout of their files plays no part. */
export function diffBots(before: Bot, after: Bot): BotDiff {
  const of = <T>(pick: (bot: Bot) => ReadonlyMap<string, T>, lines: (item: T) => readonly string[]) =>
    changesBetween(pick(before), pick(after), lines);
  return {
    intents: of(
      ({ intents }) => new Map(intents.map((it) => [it.name, it])),
      ({ examples }) => examples.map(({ locale, text }) => `[${locale}] ${text}`),
    ),
    entities: of(({ entities }) => new Map(entities.map((it) => [it.name, it])), partsOf),
    slots: of(({ slots }) => new Map(slots.map((it) => [it.name, it])), partsOf),
    flows: of(({ flows }) => new Map(flows.map((it) => [it.id, it])), flowLines),
    responses: of(
      ({ responses }) => new Map(Object.entries(responses)),
      (variants: readonly ResponseVariant[]) => variants.map(variantLine),
    ),
    actions: of(({ actions = [] }) => new Map(actions.map((it) => [it.name, it])), partsOf),
    settings: of(
      ({ name, locales, settings }) => new Map(Object.entries({ name, locales, ...settings })),
      (value: unknown) => [JSON.stringify(value)],
    ),
  };
}

/** Whether there is any difference at all. */
export const isSameBot = (diff: BotDiff): boolean =>
  Object.values(diff).every(({ added, removed, changed }) => added.length + removed.length + changed.length === 0);

function changesBetween<T>(
  before: ReadonlyMap<string, T>,
  after: ReadonlyMap<string, T>,
  lines: (item: T) => readonly string[],
): Changes {
  const changed = [...before].flatMap(([name, old]): readonly ChangedLines[] => {
    const now = after.get(name);
    if (now === undefined || isDeepStrictEqual(old, now)) return [];
    const [was, is] = [lines(old), lines(now)];
    const [gone, fresh] = [without(was, is), without(is, was)];
    // The same lines in another order.
    const moved = gone.length + fresh.length === 0;
    return [{ name, before: moved ? was : gone, after: moved ? is : fresh }];
  });
  return {
    added: [...after.keys()].filter((name) => !before.has(name)),
    removed: [...before.keys()].filter((name) => !after.has(name)),
    changed,
  };
}

const without = (lines: readonly string[], others: readonly string[]): readonly string[] => {
  const left = [...others];
  return lines.filter((line) => {
    const at = left.indexOf(line);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
};

/** Each entry of a list is a line of its own, so that a word that was added does not repeat all others. */
const partsOf = (item: object): readonly string[] =>
  Object.entries(item as Readonly<Record<string, unknown>>).flatMap(([key, value]) =>
    Array.isArray(value) ? value.map((it) => `${key}: ${JSON.stringify(it)}`) : [`${key}: ${JSON.stringify(value)}`],
  );

function flowLines({ intents, when, name, steps }: Flow): readonly string[] {
  return [
    ...(name === undefined ? [] : [`name: ${name}`]),
    ...intents.map((intent) => `begins with ${intent}`),
    ...(when === undefined ? [] : [`if ${when}`]),
    ...steps.map(stepLine),
  ];
}

function stepLine(step: FlowStep): string {
  const { id, next, ...what } = step;
  const { kind, ...details } = what;
  const does = Object.entries(details).map(
    ([key, value]) => `${key} ${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  const ways = next.map(({ when, to }) => (when === undefined ? `→ ${to}` : `if ${when} → ${to}`));
  return [`${id}. ${kind}`, ...does, ...ways].join(' ');
}

const variantLine = ({ locale, channel, condition, text, buttons }: ResponseVariant): string =>
  [
    `[${locale}]`,
    ...(channel === undefined ? [] : [`(${channel})`]),
    ...(condition === undefined ? [] : [JSON.stringify(condition)]),
    text,
    ...buttons.map(({ title, payload }) => `[${title} ${payload}]`),
  ].join(' ');
