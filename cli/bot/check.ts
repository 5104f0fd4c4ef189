import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Bot } from '../../shared/bot/bot.ts';
import { BotError, describeIssue, type BotIssue } from '../../shared/bot/error.ts';
import { loadBots, readBot } from '../../shared/bot/load.ts';
import { number, paint, print, printJson } from '../terminal.ts';

export interface CheckOptions {
  readonly json?: boolean;
}

/** `turnstream bot check`: everything that is wrong with a bot, or with each bot of a folder. Returns the exit code. */
export async function checkBots(dir: string, { json }: CheckOptions): Promise<number> {
  try {
    const isOne = await stat(join(dir, 'bot.yml')).then(
      () => true,
      () => false,
    );
    const { bots, warnings } = isOne ? await readOne(dir) : await readAll(dir);
    if (json) printJson({ bots: bots.map(({ name, hash }) => ({ name, hash })), issues: [], warnings });
    else {
      for (const warning of warnings) print(`${paint('yellow', 'warning')} ${describeIssue(warning)}`);
      for (const bot of bots) {
        const { name, hash, intents, flows, locales } = bot;
        const what = `${number(intents.length)} intents, ${number(flows.length)} flows, ${locales.join(' and ')}`;
        print(`${paint('green', '✓')} ${name} ${paint('dim', hash.slice(0, 8))}  ${what}`);
        for (const line of learnedBy(bot)) print(`  ${line}`);
      }
    }
    return 0;
  } catch (error) {
    if (!(error instanceof BotError)) throw error;
    if (json) printJson({ bots: [], issues: error.issues });
    else for (const issue of error.issues) print(describeIssue(issue));
    return 1;
  }
}

/** What a tagger learns, and from how much. */
function learnedBy({ entities, intents }: Bot): readonly string[] {
  const marks = intents.flatMap(({ examples }) => examples.flatMap((example) => example.marks ?? []));
  return entities.flatMap(({ name, learned }) => {
    const times = marks.filter(({ entity }) => entity === name).length;
    return learned ? [`learns ${name} from ${number(times)} marked values`] : [];
  });
}

interface Checked {
  readonly bots: readonly Bot[];
  readonly warnings: readonly BotIssue[];
}

async function readOne(dir: string): Promise<Checked> {
  const { bot, issues, warnings } = await readBot(dir);
  if (!bot) throw new BotError(dir, issues);
  return { bots: [bot], warnings };
}

async function readAll(dir: string): Promise<Checked> {
  const bots = [...(await loadBots(dir)).values()];
  const entries = await readdir(dir, { withFileTypes: true });
  const folders = entries
    .filter((it) => it.isDirectory() && !it.name.startsWith('.'))
    .map(({ name }) => join(dir, name));
  const all = await Promise.all(folders.map(readBot));
  return { bots, warnings: all.flatMap(({ warnings }) => warnings) };
}
