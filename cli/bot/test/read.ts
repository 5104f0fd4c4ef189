import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import type { BotIssue } from '../../../shared/bot/error.ts';
import { didYouMean } from '../../../shared/bot/nearest.ts';
import { parseSource, type Path, type Source } from '../../../shared/bot/source.ts';
import { readShape } from '../../../shared/bot/strict.ts';
import type { Circumstances, Stub, TestCase } from './case.ts';
import { readRounds, readStory, type ReadRounds } from './rounds.ts';
import { TestFile, type StubEntry } from './schema.ts';

const CONFTEST = /^conftest\.ya?ml$/u;
const LARGEST_FILE = 5 * 1024 * 1024;
/** Rasa's slot that says what time it is. */
const CLOCK_SLOT = 'mocked_datetime';
const METADATA: Readonly<Record<string, keyof Circumstances>> = {
  locale: 'locale',
  language: 'locale',
  channel: 'channel',
  timezone: 'timezone',
};

/** What is in files of tests. */
export interface Suite {
  readonly cases: readonly TestCase[];
  readonly issues: readonly BotIssue[];
  readonly warnings: readonly BotIssue[];
}

interface Shared {
  readonly fixtures: Map<string, Readonly<Record<string, string>>>;
  readonly metadata: Map<string, Readonly<Record<string, unknown>>>;
  readonly stubs: Map<string, Stub>;
}

/** The files of tests at a path: itself, or every YAML file in a folder. */
export async function testFilesAt(path: string): Promise<readonly string[]> {
  if (!(await stat(path)).isDirectory()) return [path];
  const inside = await readdir(path, { recursive: true });
  return inside
    .filter((name) => /\.ya?ml$/u.test(name) && !CONFTEST.test(basename(name)))
    .toSorted()
    .map((name) => join(path, name));
}

/** Reads a file of tests, with what `conftest.yml` files beside and above it, up to the bot's folder, let it share. */
export async function readTests(file: string, botDir: string): Promise<Suite> {
  const issues: BotIssue[] = [];
  const warnings: BotIssue[] = [];
  const shared: Shared = { fixtures: new Map(), metadata: new Map(), stubs: new Map() };
  for (const conftest of await conftestsFor(file, botDir)) {
    const read = await readOne(conftest);
    issues.push(...read.issues);
    if (read.parsed) share(read.parsed, shared, warnings);
  }
  const { parsed, issues: wrong } = await readOne(file);
  issues.push(...wrong);
  if (!parsed) return { cases: [], issues, warnings };
  share(parsed, shared, warnings);
  const { source, content } = parsed;
  const names = new Set<string>();
  const caseOf = (name: string, path: Path, read: ReadRounds, more: Pick<TestCase, 'slots' | 'begins'>): TestCase => {
    issues.push(...read.issues);
    warnings.push(...read.warnings);
    if (names.has(name)) issues.push(source.issue(path, `there are two tests called ${name}`));
    names.add(name);
    const { line, column } = source.issue(path, '');
    return { name, place: { file, line, column }, stubs: stubsFor(name, shared.stubs), rounds: read.rounds, ...more };
  };
  const cases = content.test_cases.map((entry, i) => {
    const path = ['test_cases', i];
    const about = (wanted: readonly string[], at: Path): Circumstances => {
      const found = wanted.map((it) => known(shared.metadata, it, 'metadata', source, at, issues) ?? {});
      return circumstances(Object.assign({}, ...found) as Readonly<Record<string, unknown>>);
    };
    const context = { about, metadata: listOf(entry.metadata), withinMs: entry.within_ms };
    const read = readRounds(source, [...path, 'steps'], entry.steps, context);
    const fixtures = listOf(entry.fixtures).map(
      (it) => known(shared.fixtures, it, 'fixture', source, [...path, 'fixtures'], issues) ?? {},
    );
    const { [CLOCK_SLOT]: begins, ...slots } = Object.assign({}, ...fixtures) as Record<string, string>;
    if (begins !== undefined && Number.isNaN(Date.parse(begins))) {
      issues.push(source.issue([...path, 'fixtures'], `${CLOCK_SLOT} is not a time such as 2026-01-05T10:00:00Z`));
    }
    return caseOf(entry.test_case, [...path, 'test_case'], read, { slots, ...(begins !== undefined && { begins }) });
  });
  const stories = content.stories.map(({ story, steps }, i) =>
    caseOf(story, ['stories', i, 'story'], readStory(source, ['stories', i, 'steps'], steps), { slots: {} }),
  );
  return { cases: [...cases, ...stories], issues, warnings };
}

async function conftestsFor(file: string, botDir: string): Promise<readonly string[]> {
  const above: string[] = [];
  const top = resolve(botDir);
  for (let dir = resolve(dirname(file)); ; dir = dirname(dir)) {
    above.unshift(dir);
    if (dir === top || relative(top, dir).startsWith('..') || dirname(dir) === dir) break;
  }
  const found = above.flatMap((dir) => ['conftest.yml', 'conftest.yaml'].map((name) => join(dir, name)));
  const there = await Promise.all(
    found.map((path) =>
      stat(path).then(
        (info) => info.isFile(),
        () => false,
      ),
    ),
  );
  return found.filter((_, i) => there[i]).map((path) => relative(process.cwd(), path));
}

async function readOne(file: string): Promise<ReturnType<typeof readShape<TestFile>>> {
  const whole = (message: string) => ({ issues: [{ file, line: 1, column: 1, message }] });
  const info = await stat(file);
  if (info.size > LARGEST_FILE) return whole('a file of tests may have 5 MB');
  const bytes = await readFile(file);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return whole('this file is not UTF-8 text');
  }
  const source = parseSource(file, text);
  return 'value' in source ? readShape(source, TestFile) : { issues: source };
}

function share({ source, content }: { source: Source; content: TestFile }, to: Shared, warnings: BotIssue[]): void {
  for (const entry of content.fixtures) {
    for (const [name, slots] of Object.entries(entry)) {
      const values = slots.flatMap((it) => Object.entries(it));
      const filled = values.flatMap(([slot, value]) => (value === null ? [] : [[slot, String(value)] as const]));
      to.fixtures.set(name, Object.fromEntries(filled));
    }
  }
  for (const [i, entry] of content.metadata.entries()) {
    for (const [name, values] of Object.entries(entry)) {
      to.metadata.set(name, values);
      for (const key of Object.keys(values).filter((it) => !Object.hasOwn(METADATA, it))) {
        const hint = 'locale, channel and timezone are';
        warnings.push(source.issue(['metadata', i, name, key], `${key} is not told to the bot`, { hint, part: 'key' }));
      }
    }
  }
  for (const [name, entry] of Object.entries(content.stub_custom_actions)) {
    to.stubs.set(name, stubOf(entry));
    const path = ['stub_custom_actions', name];
    if (entry.responses.length > 0) {
      const message = 'actions say nothing here: responses are left out';
      warnings.push(source.issue([...path, 'responses'], message, { hint: 'say it in the flow, after the action' }));
    }
    for (const [i, { event }] of entry.events.entries()) {
      if (event !== 'slot') warnings.push(source.issue([...path, 'events', i], `the event ${event} is left out`));
    }
  }
}

function stubOf({ events, fails }: StubEntry): Stub {
  if (fails !== undefined) return { kind: 'failed', reason: fails };
  const slots = events.flatMap(({ event, name, value }) =>
    event === 'slot' && name !== undefined && value !== undefined && value !== null ? [[name, String(value)]] : [],
  );
  return { kind: 'done', slots: Object.fromEntries(slots) as Record<string, string> };
}

/** A stub for one test is called `test::action`, and goes before that for all. */
function stubsFor(test: string, stubs: ReadonlyMap<string, Stub>): ReadonlyMap<string, Stub> {
  const all = [...stubs].filter(([name]) => !name.includes('::'));
  const own = [...stubs].flatMap(([name, stub]) =>
    name.startsWith(`${test}::`) ? [[name.slice(test.length + 2), stub] as const] : [],
  );
  return new Map([...all, ...own]);
}

function known<T>(
  from: ReadonlyMap<string, T>,
  name: string,
  what: string,
  source: Source,
  at: Path,
  issues: BotIssue[],
): T | undefined {
  const found = from.get(name);
  if (found === undefined) issues.push(source.issue(at, `unknown ${what} ${name}`, didYouMean(name, from.keys())));
  return found;
}

const circumstances = (metadata: Readonly<Record<string, unknown>>): Circumstances =>
  Object.fromEntries(
    Object.entries(metadata).flatMap(([key, value]) => {
      const as = METADATA[key];
      return as !== undefined && typeof value === 'string' ? [[as, value]] : [];
    }),
  );

const listOf = (names: string | readonly string[]): readonly string[] => (typeof names === 'string' ? [names] : names);
