import { stat } from 'node:fs/promises';
import type { Bot } from '../../../shared/bot/bot.ts';
import { diffBots, isSameBot, type BotDiff } from '../../../shared/bot/diff.ts';
import { BotError } from '../../../shared/bot/error.ts';
import { loadBot } from '../../../shared/bot/load.ts';
import { botStore } from '../../../shared/bot/store.ts';
import { withLog } from '../../connection.ts';
import type { GivenPlaces } from '../../config.ts';
import { UsageError } from '../../fault.ts';
import { harmless, paint, print, printJson } from '../../terminal.ts';
import { collectTests } from '../test/collect.ts';
import { subjectOf } from '../test/subject.ts';
import { changedAnswers, type ChangedAnswer } from './answers.ts';

export interface DiffOptions extends GivenPlaces {
  /** Files or folders of tests, whose conversations both bots have. */
  readonly tests?: readonly string[];
  readonly json?: boolean;
}

const HASH = /^[0-9a-f]{32}$/u;

/** `turnstream bot diff`: what changed between two versions of a bot. Returns the exit code: 1 where they differ. */
export async function diffVersions(from: string, to: string, options: DiffOptions): Promise<number> {
  const { json, tests } = options;
  const [before, after] = [await botAt(from, options), await botAt(to, options)];
  const diff = diffBots(before, after);
  const answers =
    tests === undefined ? [] : await answersIn(tests, { bot: before, dir: from }, { bot: after, dir: to });
  const isSame = isSameBot(diff) && answers.length === 0;
  if (json) {
    const named = ({ name, hash }: Bot) => ({ name, hash });
    printJson({ same: isSame, before: named(before), after: named(after), ...diff, ...(tests && { answers }) });
  } else if (isSame) print(`${paint('green', '✓')} the same bot ${paint('dim', after.hash.slice(0, 8))}`);
  else for (const line of [...diffText(diff), ...answersText(answers)]) print(line);
  return isSame ? 0 : 1;
}

interface Placed {
  readonly bot: Bot;
  readonly dir: string;
}

async function botAt(place: string, options: DiffOptions): Promise<Bot> {
  const isFolder = await stat(place).then(
    (info) => info.isDirectory(),
    () => false,
  );
  if (isFolder) return loadBot(place);
  if (!HASH.test(place)) throw new UsageError(`${place} is no folder, and no hash of a published bot`);
  return withLog(options, ({ nc }) => botStore(nc)(place));
}

async function answersIn(paths: readonly string[], before: Placed, after: Placed): Promise<readonly ChangedAnswer[]> {
  const all = await collectTests(paths, { botDir: after.dir });
  const issues = all.flatMap((it) => it.issues);
  if (issues.length > 0) throw new BotError('the tests', issues);
  const [old, now] = [await subjectOf(before.bot, before.dir), await subjectOf(after.bot, after.dir)];
  return changedAnswers(
    old,
    now,
    all.flatMap(({ cases }) => cases),
  );
}

function diffText(diff: BotDiff): readonly string[] {
  return Object.entries(diff).flatMap(([kind, { added, removed, changed }]) => {
    if (added.length + removed.length + changed.length === 0) return [];
    return [
      paint('bold', kind),
      ...removed.map((name) => paint('red', `  - ${harmless(name)}`)),
      ...added.map((name) => paint('green', `  + ${harmless(name)}`)),
      ...changed.flatMap(({ name, before, after }) => [
        `  ${harmless(name)}`,
        ...before.map((line) => paint('red', `    - ${harmless(line)}`)),
        ...after.map((line) => paint('green', `    + ${harmless(line)}`)),
      ]),
    ];
  });
}

function answersText(answers: readonly ChangedAnswer[]): readonly string[] {
  if (answers.length === 0) return [];
  return [
    paint('bold', 'answers'),
    ...answers.flatMap(({ test, round, said, before, after }) => [
      `  ${harmless(test)} ${paint('dim', `${round}.`)} ${paint('cyan', harmless(said))}`,
      ...before.map((text) => paint('red', `    - ${harmless(text)}`)),
      ...after.map((text) => paint('green', `    + ${harmless(text)}`)),
    ]),
  ];
}
