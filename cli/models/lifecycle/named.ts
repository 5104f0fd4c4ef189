import type { NatsConnection } from '@nats-io/nats-core';
import type { Bot } from '../../../shared/bot/bot.ts';
import { parseBot } from '../../../shared/bot/parse.ts';
import { PlatformError } from '../../../shared/errors/index.ts';
import { register } from '../../../shared/log/register.ts';
import { ARTEFACTS, BOTS } from '../../../shared/log/streams.ts';
import { UsageError } from '../../fault.ts';

/** The whole hash of a model, from as much of it as its user typed. */
export async function modelNamed(nc: NatsConnection, beginning: string): Promise<string> {
  const all = await register(nc, ARTEFACTS).subjects('artefact.*');
  const found = all.map((subject) => subject.slice('artefact.'.length)).filter((name) => name.startsWith(beginning));
  const [model] = found;
  if (found.length > 1) throw new UsageError(`${found.length} models begin with ${beginning}`);
  if (model !== undefined) return model;
  throw new PlatformError('models.unknown', `no stored model begins with ${beginning}`, { retry: 'never' });
}

/** The version of a bot that was published last. */
export async function botNamed(nc: NatsConnection, name: string): Promise<Bot> {
  const published = register(nc, BOTS);
  const found: { readonly bot: Bot; readonly position: number }[] = [];
  for (const subject of await published.subjects('bot.*')) {
    const entry = await published.read(subject);
    if (!entry) continue;
    const bot = parseBot(Buffer.from(entry.data).toString());
    if (bot.name === name) found.push({ bot, position: entry.position });
  }
  const [newest] = found.toSorted((a, b) => b.position - a.position);
  if (newest) return newest.bot;
  throw new PlatformError('bot.unknown', `no bot named ${name} is published here`, { retry: 'never' });
}

/** As much of a hash as tells models apart, as events have it. */
export const short = (model: string): string => model.slice(0, 12);
