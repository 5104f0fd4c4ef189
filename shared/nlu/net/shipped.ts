import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { PlatformError } from '../../errors/index.ts';
import { readEncoder } from './encoder.ts';
import type { Encoder } from './shape.ts';

/** From this file, or from a bundle in a folder of the project. */
const UP = import.meta.url.endsWith('.ts') ? '../../../' : '../';
/** What training/ gave: another file is refused, so that a training tells what it started from. */
const SHA_256 = {
  'intent-start': '7ebe46e34cbd95234039516d6faba5fa515b3dc491c0fbd35b3e0e41f317967a',
  'bot-start': 'f781e82ac4fe75e697e66291c99a24f85270e795bbc4fc2b18cc5740072e6889',
  'bot-start-taught': '12cb4cb2cdf94722660776685d9776fdbbdd3e049a2b2932ab61a094b7ef07f0',
} as const;

/**
 * The encoder for sentences (`models/intent-start`), whose numbers stand for what a text means; `nlu.net-refused` where
 * its file is another.
 */
export const shippedEncoder = (): Encoder => shipped('intent-start');

/**
 * What bots' nets start from, `models/bot-start` and `models/bot-start-taught`: two, since nets from different starts
 * err differently. Neither has seen the helpdesk set, so that rehearsals of bots made of its examples tell the truth.
 */
export const shippedStarts = (): readonly Encoder[] => [shipped('bot-start'), shipped('bot-start-taught')];

function shipped(name: keyof typeof SHA_256): Encoder {
  const file = readFileSync(new URL(`${UP}models/${name}/model.onnx`, import.meta.url));
  if (createHash('sha256').update(file).digest('hex') !== SHA_256[name]) {
    throw new PlatformError('nlu.net-refused', `models/${name} is not what was shipped`, { retry: 'never' });
  }
  return readEncoder(file);
}
