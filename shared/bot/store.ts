import { jetstream, jetstreamManager, type JetStreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { PlatformError } from '../errors/index.ts';
import { BOTS } from '../log/streams.ts';
import type { Bot } from './bot.ts';
import { parseBot } from './parse.ts';

/** Puts a bot where every function finds it. Its subject is its hash, so doing it again changes nothing. */
export async function publishBot(nc: NatsConnection, bot: Bot): Promise<void> {
  await jetstream(nc).publish(`bot.${bot.hash}`, JSON.stringify(bot), { msgID: bot.hash });
}

/**
 * Loads published bots by the hash of their content and keeps them: they never change.
 * Fails with `bot.unknown` (retry later) for a hash that nobody has published here.
 */
export function botStore(nc: NatsConnection): (hash: string) => Promise<Bot> {
  const bots = new Map<string, Promise<Bot>>();
  let jsm: Promise<JetStreamManager> | undefined;
  const load = async (hash: string): Promise<Bot> => {
    jsm ??= jetstreamManager(nc, { checkAPI: false });
    const stored = await (await jsm).direct.getMessage(BOTS, { last_by_subj: `bot.${hash}` });
    if (!stored) throw new PlatformError('bot.unknown', 'the bot of this session is not published', { retry: 'later' });
    return parseBot(stored.json());
  };
  return (hash) => {
    const known = bots.get(hash);
    if (known) return known;
    const loading = load(hash);
    bots.set(hash, loading);
    // What failed is tried again by the next one who asks.
    loading.catch(() => bots.delete(hash));
    return loading;
  };
}
