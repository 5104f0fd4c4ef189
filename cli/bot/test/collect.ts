import { readdir, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { UsageError } from '../../fault.ts';
import { readTests, testFilesAt, type Suite } from './read.ts';

/** Where a bot keeps its tests; the second is where Rasa's own examples do. */
const FOLDERS = ['tests', 'e2e_tests'];

/** The tests of one bot. */
export interface BotTests extends Suite {
  /** The bot's folder. */
  readonly dir: string;
}

/**
 * Finds the tests at paths: a bot's folder (its `tests/`), a folder of bots, a folder or a file of tests, each perhaps
 * with `::name` for one test of it. `botDir`: the bot that they are for; absent: the one whose folder they are in.
 */
export async function collectTests(
  paths: readonly string[],
  options: { readonly botDir?: string; readonly filter?: string } = {},
): Promise<readonly BotTests[]> {
  const wanted = await Promise.all(paths.map((path) => filesFor(path, options.botDir)));
  const byBot = Map.groupBy(wanted.flat(), ({ dir }) => dir);
  const all: BotTests[] = [];
  for (const [dir, files] of byBot) {
    const suites = await Promise.all(files.map(async ({ file, name }) => named(await readTests(file, dir), name)));
    const cases = suites.flatMap((suite) => suite.cases);
    const { filter } = options;
    all.push({
      dir,
      cases:
        filter === undefined ? cases : cases.filter(({ name }) => name.toLowerCase().includes(filter.toLowerCase())),
      issues: unique(suites.flatMap((suite) => suite.issues)),
      warnings: unique(suites.flatMap((suite) => suite.warnings)),
    });
  }
  return all;
}

interface Wanted {
  readonly dir: string;
  readonly file: string;
  readonly name: string | undefined;
}

async function filesFor(given: string, botDir: string | undefined): Promise<readonly Wanted[]> {
  const [path = given, name] = given.split('::');
  const info = await stat(path).catch(() => undefined);
  if (!info) throw new UsageError(`there is no ${path}`);
  const of = (dir: string, files: readonly string[]): readonly Wanted[] => files.map((file) => ({ dir, file, name }));
  if (!info.isDirectory() || botDir !== undefined) {
    return of(botDir ?? (await botAbove(path)), await testFilesAt(await testsIn(path)));
  }
  if (await isBot(path)) return of(path, await testFilesAt(await testsIn(path)));
  const inside = (await readdir(path, { withFileTypes: true })).filter((it) => it.isDirectory());
  const bots = (
    await Promise.all(inside.map(async (it) => ((await isBot(join(path, it.name))) ? [it.name] : [])))
  ).flat();
  if (bots.length === 0) return of(await botAbove(path), await testFilesAt(path));
  const tested: Wanted[] = [];
  for (const bot of bots.toSorted()) {
    const dir = join(path, bot);
    const tests = await testsFolder(dir);
    if (tests !== undefined) tested.push(...of(dir, await testFilesAt(tests)));
  }
  return tested;
}

async function testsIn(path: string): Promise<string> {
  if (!(await isBot(path))) return path;
  const found = await testsFolder(path);
  if (found === undefined) throw new UsageError(`${path} has no tests: they are files in ${join(path, 'tests')}`);
  return found;
}

async function testsFolder(dir: string): Promise<string | undefined> {
  for (const name of FOLDERS) {
    const path = join(dir, name);
    if ((await stat(path).catch(() => undefined))?.isDirectory()) return path;
  }
  return undefined;
}

async function botAbove(path: string): Promise<string> {
  for (let dir = path; ; dir = dirname(dir)) {
    if (await isBot(dir)) return dir;
    if (resolve(dir) === resolve(dirname(dir)) && dir !== '.') break;
    if (dir === '.') break;
  }
  throw new UsageError(`no bot has ${path} in its folder: name one with --bot`);
}

const isBot = (dir: string): Promise<boolean> =>
  stat(join(dir, 'bot.yml')).then(
    (info) => info.isFile(),
    () => false,
  );

function named(suite: Suite, name: string | undefined): Suite {
  if (name === undefined) return suite;
  const cases = suite.cases.filter((it) => it.name === name);
  if (cases.length === 0) throw new UsageError(`there is no test called ${name}`);
  return { ...suite, cases };
}

const unique = <T>(all: readonly T[]): readonly T[] => [...new Map(all.map((it) => [JSON.stringify(it), it])).values()];
