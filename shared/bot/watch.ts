import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Bot } from './bot.ts';
import type { Logger } from '../telemetry/logger.ts';
import { BotError } from './error.ts';
import { loadBots } from './load.ts';

const EVERY_MS = 2_000;

export interface WatchBotsOptions {
  /** The folder of bots that is looked at. */
  readonly dir: string;
  /** The versions that new sessions begin with, by name; a new version takes the place of the old one in it. */
  readonly bots: Map<string, Bot>;
  /** Puts a version where every function finds it; before that, no session begins with it. */
  readonly publish: (bot: Bot) => Promise<void>;
  readonly onNew: (bot: Bot) => void;
  /** What stands in the folder is no bot, or could not be published; what was there goes on. */
  readonly onProblem: (error: unknown) => void;
  readonly everyMs?: number;
}

/**
 * Takes up new versions of bots without a restart: a folder that has changed, and then not changed for one look, is read
 * again. Sessions keep the version that they began with.
 */
export function watchBots(options: WatchBotsOptions): { readonly stop: () => Promise<void> } {
  const { dir, bots, publish, onNew, onProblem, everyMs = EVERY_MS } = options;
  let seen: string | undefined;
  let taken: string | undefined;
  let looking = Promise.resolve();
  const look = async (): Promise<void> => {
    const now = await signatureOf(dir);
    const isQuiet = now === seen;
    seen = now;
    // The first look counts as a change: nobody knows what happened since the folder was read.
    if (!isQuiet || now === taken) return;
    const before = taken;
    taken = now;
    try {
      for (const bot of (await loadBots(dir)).values()) {
        if (bots.get(bot.name)?.hash === bot.hash) continue;
        await publish(bot);
        bots.set(bot.name, bot);
        onNew(bot);
      }
    } catch (error) {
      // A broken bot stays broken until somebody mends it; what could not be stored is tried again.
      if (!(error instanceof BotError)) taken = before;
      onProblem(error);
    }
  };
  const timer = setInterval(() => {
    looking = looking.then(look).catch(onProblem);
  }, everyMs);
  timer.unref();
  return {
    async stop() {
      clearInterval(timer);
      await looking;
    },
  };
}

/** Tells operators what became of new versions. */
export const newVersions = (logger: Pick<Logger, 'info' | 'warn'>): Pick<WatchBotsOptions, 'onNew' | 'onProblem'> => ({
  onNew: ({ name, hash }) => {
    logger.info('a new version of a bot is taken up', { bot: name, hash: hash.slice(0, 8) });
  },
  onProblem: (error) => {
    logger.warn('a changed bot is not taken up', {}, error);
  },
});

/** Names, sizes and times of everything that bots are read from. */
async function signatureOf(dir: string): Promise<string> {
  const names = (await readdir(dir, { recursive: true })).filter((name) => /\.ya?ml$/u.test(name)).toSorted();
  const infos = await Promise.all(names.map((name) => stat(join(dir, name)).catch(() => undefined)));
  return names.map((name, i) => `${name} ${infos[i]?.size ?? 0} ${infos[i]?.mtimeMs ?? 0}`).join('\n');
}
