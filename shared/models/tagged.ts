import type { NatsConnection } from '@nats-io/nats-core';
import * as v from 'valibot';
import { ModelHash } from '../../events/models.ts';
import type { Bot, Example } from '../bot/bot.ts';
import { register, type Register } from '../log/register.ts';
import { MODELS } from '../log/streams.ts';
import { normalise } from '../nlu/entities/normalised.ts';
import type { MarkedEntity, TaggedText } from '../nlu/tagger/examples.ts';
import { trainTaggerAside } from '../nlu/tagger/train-aside.ts';
import { artefactsOn } from './artefacts.ts';
import { SEED } from './seed.ts';

/**
 * What a bot's tagger is trained on, as the extractor will see texts: in NFKC. All examples, since those without marks
 * show what is none. All languages are one tagger, since customers mix them.
 */
export const taggedTextsOf = ({ intents }: Bot): readonly TaggedText[] =>
  intents.flatMap(({ examples }) => examples.map(normalised));

function normalised({ text, marks = [] }: Example): TaggedText {
  const points = Array.from(text);
  const piece = (from: number, to: number): readonly string[] =>
    Array.from(normalise(points.slice(from, to).join('')).text);
  const written: string[] = [];
  const entities: MarkedEntity[] = [];
  let read = 0;
  for (const { start, end, ...kind } of marks.toSorted((a, b) => a.start - b.start)) {
    written.push(...piece(read, start));
    const at = written.length;
    written.push(...piece(start, end));
    entities.push({ ...kind, start: at, end: written.length });
    read = end;
  }
  written.push(...piece(read, points.length));
  return { text: written.join(''), entities };
}

/** What is under way, so that a process does not train the same bot twice at a time. */
const underWay = new Map<string, Promise<Uint8Array>>();

/** The bytes of a bot's tagger, trained in a thread of its own: once at a time in a process, however many ask. */
export function trainTaggerFor(bot: Bot, signal?: AbortSignal): Promise<Uint8Array> {
  const known = underWay.get(bot.hash);
  if (known) return known;
  const training = trainTaggerAside({ examples: taggedTextsOf(bot), seed: SEED }, signal ? { signal } : {}).finally(
    () => underWay.delete(bot.hash),
  );
  underWay.set(bot.hash, training);
  return training;
}

const Tagged = v.object({ tagger: ModelHash });
const recordOf = (botHash: string): string => `tagged.${botHash}`;

/** The tagger that was trained when a bot was published, by the bot's hash; undefined where there is none yet. */
export async function trainedTaggerOf(models: Register, botHash: string): Promise<string | undefined> {
  const entry = await models.read(recordOf(botHash));
  if (!entry) return undefined;
  const parsed = v.safeParse(Tagged, JSON.parse(Buffer.from(entry.data).toString()));
  return parsed.success ? parsed.output.tagger : undefined;
}

/** Sees to it that a published bot has its tagger: trains it once and stores it. Doing it again changes nothing. */
export async function publishTagger(nc: NatsConnection, bot: Bot, signal?: AbortSignal): Promise<string> {
  const models = register(nc, MODELS);
  const known = await trainedTaggerOf(models, bot.hash);
  if (known !== undefined) return known;
  const tagger = await artefactsOn(nc).put(await trainTaggerFor(bot, signal));
  await models.write(recordOf(bot.hash), JSON.stringify({ tagger }), 0);
  return tagger;
}
