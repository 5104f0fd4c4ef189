import { hash } from 'node:crypto';
import { createSentences } from '../nlu/net/forward.ts';
import { shippedEncoder } from '../nlu/net/shipped.ts';
import { pooledOf } from '../nlu/net/shape.ts';
import { plainText } from '../nlu/text/plain.ts';
import type { Embedder } from './embedder.ts';
import { NORMAL } from './normal.ts';
import { unit } from './vectors.ts';

const SENTENCE = /[^.!?。！？；\n]+[.!?。！？；]*/gu;
/** An end of this kind is no sentence of its own. */
const SHORTEST = 4;
/** So that the smallest spreads are not blown up. */
const FLOOR = 1e-3;

/**
 * Vectors by the small encoder that comes with the project (`models/intent-start`), for where no other model is
 * configured. It was trained to tell apart what customers want, in Chinese and English, and knows little else of the
 * world. It reads sentences: a passage is the mean of its own. Each number is scaled by mean and spread over the
 * helpdesk set, since the encoder's numbers are of very different sizes.
 */
export function startEmbedder(): Embedder {
  const encoder = shippedEncoder();
  const dimension = pooledOf(encoder.shape);
  const { mean, spread } = normal(dimension);
  const pooled = createSentences(encoder);
  const sentence = (text: string): Float32Array =>
    unit(pooled(plainText(text)).map((value, i) => (value - (mean[i] as number)) / ((spread[i] as number) + FLOOR)));
  const passage = (text: string): Float32Array => {
    const sum = new Float32Array(dimension);
    const found = (text.match(SENTENCE) ?? []).map((s) => s.trim()).filter((s) => s.length >= SHORTEST);
    for (const each of found.length > 0 ? found : [text]) {
      const vector = sentence(each);
      for (let i = 0; i < dimension; i++) sum[i] = (sum[i] as number) + (vector[i] as number);
    }
    return unit(sum);
  };
  return {
    model: hash('sha256', `intent-start 1 ${NORMAL}`),
    dimension,
    embed: (texts, { as = 'passage' } = {}) => Promise.resolve(texts.map(as === 'query' ? sentence : passage)),
  };
}

function normal(dimension: number): { readonly mean: Float32Array; readonly spread: Float32Array } {
  const floats = new Float32Array(new Uint8Array(Buffer.from(NORMAL, 'base64')).buffer);
  if (floats.length !== 2 * dimension) throw new Error('normal.ts belongs to another encoder');
  return { mean: floats.subarray(0, dimension), spread: floats.subarray(dimension) };
}
