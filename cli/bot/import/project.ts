import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import type { BotIssue } from '../../../shared/bot/error.ts';
import { parseSource, type Path, type Source } from '../../../shared/bot/source.ts';

const LARGEST_FILE = 5 * 1024 * 1024;
/** Folders that hold no part of a bot. */
const ELSEWHERE = /(?:^|\/)(?:\.[^/]*|models|node_modules|venv|__pycache__|results|actions)(?:\/|$)/u;
const TESTS = /^(?:tests|e2e_tests)\//u;

/** One YAML file of a Rasa project. */
export interface ProjectFile {
  /** Its path within the project. */
  readonly path: string;
  readonly text: string;
  readonly source: Source;
  readonly content: Readonly<Record<string, unknown>>;
}

/** A Rasa project as it was found. */
export interface Project {
  readonly files: readonly ProjectFile[];
  /** Files of tests, copied as they are. */
  readonly tests: readonly ProjectFile[];
  readonly issues: readonly BotIssue[];
}

/** Reads every YAML file of a Rasa 3 project: what stands in it tells what it is, as in Rasa. */
export async function readProject(dir: string): Promise<Project> {
  const names = (await readdir(dir, { recursive: true }))
    .map((name) => name.replaceAll('\\', '/'))
    .filter((name) => /\.ya?ml$/u.test(name) && !ELSEWHERE.test(name))
    .toSorted();
  const issues: BotIssue[] = [];
  const files: ProjectFile[] = [];
  for (const path of names) {
    const file = join(dir, path);
    const whole = (message: string): BotIssue => ({ file, line: 1, column: 1, message });
    const info = await stat(file);
    if (!info.isFile()) continue;
    if (info.size > LARGEST_FILE) {
      issues.push(whole('this file is larger than 5 MB'));
      continue;
    }
    const text = await readFile(file, 'utf8');
    const source = parseSource(relative(process.cwd(), file) || file, text);
    if (!('value' in source)) issues.push(...source);
    else if (isRecord(source.value)) files.push({ path, text, source, content: source.value });
  }
  const isTest = ({ path }: ProjectFile): boolean => TESTS.test(path) || basename(path).startsWith('test_');
  return { files: files.filter((it) => !isTest(it)), tests: files.filter(isTest), issues };
}

/** What a key has in each file, with where it stands. */
export function found(files: readonly ProjectFile[], key: string): readonly Found[] {
  return files.flatMap((file) =>
    Object.hasOwn(file.content, key) ? [{ file, path: [key], value: file.content[key] }] : [],
  );
}

/** The entries of the lists that stand under a key, over all files. */
export const entriesOf = (files: readonly ProjectFile[], key: string): readonly Found[] =>
  found(files, key).flatMap(({ file, value }) =>
    Array.isArray(value) ? value.map((entry: unknown, i) => ({ file, path: [key, i], value: entry })) : [],
  );

/** The entries of the maps that stand under a key, over all files; the last of a name counts. */
export const namedOf = (files: readonly ProjectFile[], key: string): ReadonlyMap<string, Found> =>
  new Map(
    found(files, key).flatMap(({ file, value }) =>
      isRecord(value)
        ? Object.entries(value).map(([name, entry]) => [name, { file, path: [key, name], value: entry }] as const)
        : [],
    ),
  );

/** A piece of a project, and where it stands. */
export interface Found {
  readonly file: ProjectFile;
  readonly path: Path;
  readonly value: unknown;
}

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

export const isText = (value: unknown): value is string => typeof value === 'string';
