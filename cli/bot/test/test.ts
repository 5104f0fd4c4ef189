import { readFile, writeFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { BotError, type BotIssue } from '../../../shared/bot/error.ts';
import { loadBot } from '../../../shared/bot/load.ts';
import { UsageError } from '../../fault.ts';
import { progressBar } from '../../progress.ts';
import { harmless, paint, print, printJson } from '../../terminal.ts';
import { collectTests, type BotTests } from './collect.ts';
import { junitOf } from './junit.ts';
import { unknownNames } from './names.ts';
import { issueLine, resultText, summaryText } from './report.ts';
import { runTest, type Result } from './run.ts';
import { subjectOf } from './subject.ts';

export interface TestOptions {
  /** The folder of the bot that the tests are for. */
  readonly bot?: string;
  /** Only tests whose name contains this. */
  readonly filter?: string;
  /** A file of a trained model, instead of training one. */
  readonly model?: string;
  readonly failFast?: boolean;
  readonly junit?: string;
  readonly json?: boolean;
}

/** `turnstream bot test`: conversations that have to go as written. Returns the exit code. */
export async function testBots(paths: readonly string[], options: TestOptions): Promise<number> {
  const { bot, filter, json, junit } = options;
  const started = performance.now();
  const given = paths.length > 0 ? paths : [bot ?? '.'];
  const all = await collectTests(given, {
    ...(bot !== undefined && { botDir: bot }),
    ...(filter !== undefined && { filter }),
  });
  const issues = all.flatMap((it) => it.issues);
  const warnings = all.flatMap((it) => it.warnings);
  const tell = (line: string): boolean => process.stderr.write(`${line}\n`);
  for (const warning of warnings) tell(issueLine(warning, 'warning'));
  if (issues.length > 0) return refused(issues, json);
  const count = all.reduce((sum, { cases }) => sum + cases.length, 0);
  if (count === 0)
    throw new UsageError(filter === undefined ? 'there are no tests' : `no test is called like ${filter}`);

  const results: Result[] = [];
  const bar = progressBar('tests');
  try {
    for (const tests of all) {
      if (!json) print(`${paint('bold', basename(resolve(tests.dir)))} ${paint('dim', tests.dir)}`);
      for await (const result of played(tests, options)) {
        results.push(result);
        bar.done();
        if (!json) for (const line of resultText(result)) print(line);
        bar.show(results.length / count, results.length);
        if (options.failFast && !result.passed) break;
      }
      if (options.failFast && results.at(-1)?.passed === false) break;
    }
  } catch (error) {
    if (!(error instanceof BotError)) throw error;
    return refused(error.issues, json);
  } finally {
    bar.done();
  }
  const ms = performance.now() - started;
  if (junit !== undefined) await writeFile(junit, junitOf(results));
  const passed = results.every((it) => it.passed);
  if (json) printJson({ passed, ms, warnings, tests: results.map(jsonOf) });
  else print(`\n${summaryText(results, ms)}`);
  return passed ? 0 : 1;
}

async function* played({ dir, cases }: BotTests, options: TestOptions): AsyncGenerator<Result> {
  if (cases.length === 0) return;
  const bot = await loadBot(dir);
  const unknown = unknownNames(bot, cases);
  if (unknown.length > 0) throw new BotError(`the tests of ${bot.name}`, unknown);
  const model = options.model === undefined ? undefined : await readFile(options.model);
  const learning = progressBar(`intents of ${bot.name} learnt`);
  const onProgress = (part: number): void => {
    learning.show(part, Math.round(part * bot.intents.length));
  };
  const subject = await subjectOf(bot, dir, { onProgress, ...(model && { model }) });
  learning.done();
  for (const test of cases) yield await runTest(subject, test);
}

function refused(issues: readonly BotIssue[], json: boolean | undefined): number {
  if (json) printJson({ passed: false, issues });
  else for (const issue of issues) process.stderr.write(`${harmless(issueLine(issue, 'error'))}\n`);
  return 1;
}

const jsonOf = ({ test, passed, rounds, fault, ms }: Result) => ({
  name: test.name,
  file: test.place.file,
  line: test.place.line,
  passed,
  ms,
  ...(fault !== undefined && { fault }),
  differences: rounds.flatMap(({ differences }) =>
    differences.map(({ place, expected, came }) => ({ line: place.line, expected, came })),
  ),
  transcript: rounds.map(({ round, happened }) => ({
    ...round.doing,
    bot: happened.messages.map(({ text }) => text),
    ms: happened.ms,
  })),
});
