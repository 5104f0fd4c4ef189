import { jetstream } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { PlatformError } from '../errors/index.ts';
import { once } from '../function/once.ts';
import { register } from '../log/register.ts';
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
  // Fails at once where the log is away: a function that hung here would be taken for one that fails on its event.
  const published = register(nc, BOTS);
  return once(async (hash) => {
    const stored = await published.glance(`bot.${hash}`);
    if (!stored) throw new PlatformError('bot.unknown', 'the bot of this session is not published', { retry: 'later' });
    return parseBot(Buffer.from(stored.data).toString());
  });
}
