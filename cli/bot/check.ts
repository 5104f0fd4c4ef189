import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { BotError, describeIssue } from '../../shared/bot/error.ts';
import { loadBot, loadBots } from '../../shared/bot/load.ts';
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
    const bots = isOne ? [await loadBot(dir)] : [...(await loadBots(dir)).values()];
    if (json) printJson({ bots: bots.map(({ name, hash }) => ({ name, hash })), issues: [] });
    else {
      for (const { name, hash, intents, flows, locales } of bots) {
        const what = `${number(intents.length)} intents, ${number(flows.length)} flows, ${locales.join(' and ')}`;
        print(`${paint('green', '✓')} ${name} ${paint('dim', hash.slice(0, 8))}  ${what}`);
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
