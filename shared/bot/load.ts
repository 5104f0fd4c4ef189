import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { inspectBot, type BotText, type Inspected } from './assemble.ts';
import type { Bot } from './bot.ts';
import { BotError, type BotIssue } from './error.ts';

/** Rules, and stories, which are told of and not run. */
const RULES = ['rules.yml', 'stories.yml'];
const LARGEST_FILE = 5 * 1024 * 1024;

/**
 * Reads the bot in a folder: `bot.yml`, `domain.yml`, `flows.yml` or `rules.yml`, NLU data in `nlu.yml` or in the files of
 * `nlu/`, and `actions.yml` where there is one.
 * Throws a BotError that names everything that is wrong.
 */
export async function loadBot(dir: string): Promise<Bot> {
  const { bot, issues } = await readBot(dir);
  if (bot) return bot;
  throw new BotError(dir, issues);
}

/** Reads every bot of a folder of bots, by name. One BotError tells what is wrong with all of them together. */
export async function loadBots(dir: string): Promise<ReadonlyMap<string, Bot>> {
  const folders = await subfolders(dir);
  if (!folders) throw new BotError(dir, [wholeFile(dir, 'this is not a folder')]);
  const bots = new Map<string, Bot>();
  const issues: BotIssue[] = folders.length === 0 ? [wholeFile(dir, 'there is no bot in this folder')] : [];
  for (const folder of folders) {
    const path = join(dir, folder);
    const { bot, issues: wrong } = await readBot(path);
    if (!bot) issues.push(...wrong);
    else if (bots.has(bot.name)) issues.push(wholeFile(join(path, 'bot.yml'), `another bot is named ${bot.name}`));
    else bots.set(bot.name, bot);
  }
  if (issues.length > 0) throw new BotError(dir, issues);
  return bots;
}

/** Reads the bot in a folder, and says everything that is wrong with it, and everything that is understood and not run. */
export async function readBot(dir: string): Promise<Inspected> {
  const info = await infoOf(dir);
  if (!info?.isDirectory()) {
    const issue = wholeFile(dir, info ? 'this is not a folder' : 'there is no such folder');
    return { issues: [issue], warnings: [] };
  }
  const nlu = await nluFiles(dir);
  const actions = join(dir, 'actions.yml');
  const rules = await thoseThere(RULES.map((name) => join(dir, name)));
  const flows = join(dir, 'flows.yml');
  const hasFlows = rules.length === 0 || (await infoOf(flows)) !== undefined;
  const reads = await Promise.all([
    readText('bot', join(dir, 'bot.yml')),
    readText('domain', join(dir, 'domain.yml')),
    ...(hasFlows ? [readText('flows', flows)] : []),
    ...rules.map((file) => readText('rules', file)),
    ...nlu.map((file) => readText('nlu', file)),
    ...((await infoOf(actions)) ? [readText('actions', actions)] : []),
  ]);
  const texts = reads.flatMap((read) => ('text' in read ? [read] : []));
  const missing = reads.flatMap((read) => ('text' in read ? [] : [read]));
  const inspected = inspectBot(texts);
  if (missing.length === 0) return inspected;
  return { issues: [...missing, ...inspected.issues], warnings: inspected.warnings };
}

async function thoseThere(files: readonly string[]): Promise<readonly string[]> {
  const infos = await Promise.all(files.map(infoOf));
  return files.filter((_, i) => infos[i] !== undefined);
}

/** Both places may be used at once; with neither, the complaint is about the plain file. */
async function nluFiles(dir: string): Promise<readonly string[]> {
  const folder = join(dir, 'nlu');
  const inside = (await infoOf(folder))?.isDirectory() ? await readdir(folder) : [];
  const files = inside
    .filter((name) => /\.ya?ml$/.test(name))
    .toSorted()
    .map((name) => join(folder, name));
  const plain = join(dir, 'nlu.yml');
  return files.length === 0 || (await infoOf(plain)) ? [plain, ...files] : files;
}

async function readText(kind: BotText['kind'], file: string): Promise<BotText | BotIssue> {
  const info = await infoOf(file);
  if (!info) return wholeFile(file, `${basename(file)} is missing`);
  if (!info.isFile()) return wholeFile(file, `${basename(file)} is not a file`);
  if (info.size > LARGEST_FILE) return wholeFile(file, `${basename(file)} is larger than 5 MB`);
  const bytes = await readFile(file);
  try {
    return { kind, file, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    return wholeFile(file, `${basename(file)} is not UTF-8 text`);
  }
}

async function subfolders(dir: string): Promise<readonly string[] | undefined> {
  if (!(await infoOf(dir))?.isDirectory()) return undefined;
  const entries = await readdir(dir, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .map(({ name }) => name)
    .toSorted();
}

async function infoOf(path: string): Promise<Awaited<ReturnType<typeof stat>> | undefined> {
  return stat(path).catch(() => undefined);
}

function wholeFile(file: string, message: string): BotIssue {
  return { file, line: 1, column: 1, message };
}
