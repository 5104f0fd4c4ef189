import { hash } from 'node:crypto';
import type { NatsConnection } from '@nats-io/nats-core';
import type { Bot } from '../../shared/bot/bot.ts';
import { PlatformError } from '../../shared/errors/index.ts';
import { register } from '../../shared/log/register.ts';
import { MODELS } from '../../shared/log/streams.ts';
import { artefactsOn } from '../../shared/models/artefacts.ts';
import { trainedTaggerOf, trainTaggerFor } from '../../shared/models/tagged.ts';
import type { ModelWatch } from '../../shared/models/watch.ts';
import type { Tagger } from '../../shared/nlu/entities/tagger.ts';
import { decodeTagger } from '../../shared/nlu/tagger/decode.ts';
import { extractorTagger } from '../../shared/nlu/tagger/for-extractor.ts';

/** Enough to tell taggers apart, and short enough to be read. */
const NAMED_BY = 12;
/** How events and logs name a tagger, by the hash of its artefact. */
const taggerName = (artefact: string): string => `tagger@${artefact.slice(0, NAMED_BY)}`;

/**
 * The tagger of a bot that has learned entities: the one that was stored when the bot was published, or, where there is
 * none yet or no store (`nc`), one trained here, in a thread; from the same bot both have the same bytes. Undefined where
 * the stored one cannot be used: that is told, and the bot's rules go on without it. Fails where a store is away.
 */
export async function learnedTagger(
  bot: Bot,
  watch: ModelWatch,
  nc: NatsConnection | undefined,
): Promise<Tagger | undefined> {
  const started = performance.now();
  const served = (bytes: Uint8Array, how: 'stored' | 'trained-here'): Tagger => {
    const tagger = checked(bot, bytes);
    watch.serves(bot.name, tagger.model, how, performance.now() - started);
    return tagger;
  };
  const stored = nc && (await trainedTaggerOf(register(nc, MODELS), bot.hash));
  if (!nc || stored === undefined) {
    watch.trains(bot.name);
    return served(await trainTaggerFor(bot), 'trained-here');
  }
  try {
    return served(await artefactsOn(nc).get(stored), 'stored');
  } catch (error) {
    if (!(error instanceof PlatformError) || error.retry === 'later') throw error;
    watch.refused(bot.name, taggerName(stored), error);
    return undefined;
  }
}

/** Fails with `tagger.invalid` for bytes that are no tagger, `model.unfit` for one that finds what the bot does not have. */
function checked(bot: Bot, bytes: Uint8Array): Tagger {
  const model = decodeTagger(bytes);
  const learned = new Set(bot.entities.flatMap(({ name, learned: is }) => (is ? [name] : [])));
  const others = model.kinds.filter(({ entity }) => !learned.has(entity)).length;
  if (others > 0) {
    const message = `a tagger does not fit its bot: it finds ${others} kinds of entities that the bot does not learn`;
    throw new PlatformError('model.unfit', message, { retry: 'never' });
  }
  return extractorTagger(model, taggerName(hash('sha256', bytes)));
}
