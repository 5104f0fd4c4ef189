import type { NatsConnection } from '@nats-io/nats-core';
import * as v from 'valibot';
import { ModelHash } from '../../events/models.ts';
import type { Bot } from '../bot/bot.ts';
import { register, type Register } from '../log/register.ts';
import { MODELS } from '../log/streams.ts';
import type { IntentExample } from '../nlu/model/intent-model.ts';
import { trainAside } from '../nlu/model/train-aside.ts';
import { artefactsOn } from './artefacts.ts';
import { promotionsOf } from './promotions.ts';
import { SEED } from './seed.ts';

/** What a bot's model is trained on. All languages are one model, since customers mix them. */
export const examplesOf = ({ intents }: Bot): readonly IntentExample[] =>
  intents.flatMap(({ name, examples }) => examples.map(({ text }) => ({ text, intent: name })));

/** What is under way, so that a platform in one process does not train the same bot twice at a time. */
const underWay = new Map<string, Promise<Uint8Array>>();

/** The bytes of a bot's model, trained in a thread of its own: once at a time in a process, however many ask. */
export function trainFor(bot: Bot, signal?: AbortSignal): Promise<Uint8Array> {
  const training = underWay.get(bot.hash) ?? trainAside(examplesOf(bot), { seed: SEED, ...(signal && { signal }) });
  underWay.set(bot.hash, training);
  return training.finally(() => underWay.delete(bot.hash));
}

const Trained = v.object({ model: ModelHash });

/** The model that was trained when a bot was published, by the bot's hash; undefined where there is none yet. */
export async function trainedModelOf(models: Register, botHash: string): Promise<string | undefined> {
  const entry = await models.read(`trained.${botHash}`);
  if (!entry) return undefined;
  const parsed = v.safeParse(Trained, JSON.parse(Buffer.from(entry.data).toString()));
  return parsed.success ? parsed.output.model : undefined;
}

export interface PublishedModel {
  readonly model: string;
  /** The tagger of its learned entities, where it has some. */
  readonly tagger?: string;
  /** Whether it was trained just now. */
  readonly trained: boolean;
  /** Whether the bot understands with it from now on; otherwise it, or an operator's choice, did so before. */
  readonly promoted: boolean;
}

/**
 * Sees to it that a published bot has a model: trains it once, stores it, and promotes it unless this very bot was the
 * last of its name that was published: what operators have chosen since then stays. Doing it again changes nothing.
 */
export async function publishModel(nc: NatsConnection, bot: Bot, signal?: AbortSignal): Promise<PublishedModel> {
  const models = register(nc, MODELS);
  const known = await trainedModelOf(models, bot.hash);
  const model = known ?? (await artefactsOn(nc).put(await trainFor(bot, signal)));
  if (!known) await models.write(`trained.${bot.hash}`, JSON.stringify({ model }), 0);
  const tagger = await taggerOf(nc, bot, signal);
  const promotions = promotionsOf(nc, bot.name);
  const history = await promotions.history();
  const published = history.findLast(({ how }) => how === 'published');
  if (published?.published === bot.hash) return { model, ...tagger, trained: !known, promoted: false };
  const why = { how: 'published', published: bot.hash, by: 'platform', reason: 'its bot was published' } as const;
  await promotions.promote({ model, ...why }, history.at(-1)?.position ?? 0);
  return { model, ...tagger, trained: !known, promoted: true };
}

async function taggerOf(nc: NatsConnection, bot: Bot, signal?: AbortSignal): Promise<Pick<PublishedModel, 'tagger'>> {
  if (!bot.entities.some(({ learned }) => learned)) return {};
  // Only for bots that have learned something: functions load this file when they start.
  const { publishTagger } = await import('./tagged.ts');
  return { tagger: await publishTagger(nc, bot, signal) };
}
