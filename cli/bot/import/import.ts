import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { describeIssue } from '../../../shared/bot/error.ts';
import { readBot } from '../../../shared/bot/load.ts';
import { UsageError } from '../../fault.ts';
import { harmless, number, paint, print, printJson } from '../../terminal.ts';
import { importFaq } from './faq.ts';
import { readProject } from './project.ts';
import { importRasa, type Imported } from './rasa.ts';

export interface ImportOptions {
  readonly to: string;
  /** The language of a table that does not say it. */
  readonly locale?: string;
  readonly json?: boolean;
}

/** `turnstream bot import`: a Rasa project or a table of questions becomes a bot. Returns the exit code. */
export async function importBot(from: string, { to, locale = 'en', json }: ImportOptions): Promise<number> {
  const info = await stat(from).catch(() => undefined);
  if (!info) throw new UsageError(`there is no ${from}`);
  const name = basename(resolve(to))
    .toLowerCase()
    .replaceAll(/[^a-z0-9-]+/gu, '-')
    .replace(/^[^a-z]+/u, '');
  if (name === '')
    throw new UsageError(`a bot is named by its folder, in letters, digits and dashes: ${to} is no name`);
  if ((await readdir(to).catch(() => [])).length > 0) throw new UsageError(`${to} is there already`);
  const imported = await read(from, info.isDirectory(), name, locale);
  for (const [path, text] of imported.files) {
    await mkdir(dirname(join(to, path)), { recursive: true });
    await writeFile(join(to, path), text);
  }
  if (imported.files.size === 0) {
    if (json) printJson({ imported: false, notes: imported.notes });
    else for (const note of imported.notes) print(`${paint('red', 'error')} ${harmless(describeIssue(note))}`);
    return 1;
  }
  const { bot, issues, warnings } = await readBot(to);
  if (json) {
    printJson({
      imported: bot !== undefined,
      bot: bot && { name: bot.name, hash: bot.hash },
      notes: imported.notes,
      warnings,
      issues,
    });
    return bot ? 0 : 1;
  }
  for (const note of imported.notes) print(`${paint('yellow', 'note')} ${harmless(describeIssue(note))}`);
  for (const warning of warnings) print(`${paint('yellow', 'warning')} ${harmless(describeIssue(warning))}`);
  for (const issue of issues) print(`${paint('red', 'error')} ${harmless(describeIssue(issue))}`);
  if (!bot) {
    print(`the files are in ${to}; correct them, then turnstream bot check ${to}`);
    return 1;
  }
  print(
    `${paint('green', '✓')} ${bot.name} ${paint('dim', bot.hash.slice(0, 8))}  ${number(bot.intents.length)} intents, ${number(bot.flows.length)} flows in ${to}`,
  );
  print(paint('dim', `talk with it: turnstream up --bots ${dirname(to)} --bot ${bot.name}, then turnstream chat`));
  return 0;
}

async function read(from: string, isFolder: boolean, name: string, locale: string): Promise<Imported> {
  if (!isFolder) {
    if (!/\.csv$/iu.test(from))
      throw new UsageError('a bot is imported from a folder of Rasa, or from a .csv of questions and answers');
    return importFaq(from, await readFile(from, 'utf8'), name, locale);
  }
  const project = await readProject(from);
  if (!project.files.some(({ content }) => 'nlu' in content || 'intents' in content)) {
    throw new UsageError(`there is no Rasa project in ${from}: no file has nlu or intents`);
  }
  return importRasa(project, name);
}
