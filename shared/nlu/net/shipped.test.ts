import { readFileSync } from 'node:fs';
import * as ort from 'onnxruntime-node';
import { beforeAll, describe, expect, it } from 'vitest';
import { padded } from './arena.ts';
import { createScorer } from './forward.ts';
import { readOnnx } from './onnx-weights.ts';
import { pooledOf, type Encoder } from './shape.ts';
import { shippedEncoder, shippedStarts } from './shipped.ts';
import { softmaxOf } from './softmax.ts';

/** Texts, what goes in for them, and what torch gave for the first columns of all heads. */
type Fixture = readonly {
  readonly text: string;
  readonly rows: readonly number[];
  readonly counts: readonly number[];
  readonly logits: readonly number[];
}[];
const shipped = (name: string, encoder: () => Encoder) => {
  const folder = new URL(`../../../models/${name}/`, import.meta.url);
  const fixture = JSON.parse(readFileSync(new URL('fixture.json', folder), 'utf8')) as Fixture;
  return { name, encoder, model: readFileSync(new URL('model.onnx', folder)), fixture };
};

describe.each([
  shipped('intent-start', shippedEncoder),
  shipped('bot-start', () => shippedStarts()[0] as Encoder),
  shipped('bot-start-taught', () => shippedStarts()[1] as Encoder),
])('models/$name', ({ encoder: read, model, fixture }) => {
  let session: ort.InferenceSession;
  beforeAll(async () => {
    session = await ort.InferenceSession.create(model, { intraOpNumThreads: 1, interOpNumThreads: 1 });
  });

  it.each(fixture)('answers in onnxruntime as in torch: $text', async ({ rows, counts, logits }) => {
    const most = Math.max(...counts);
    const ids = new BigInt64Array(counts.length * most).fill(-1n);
    let at = 0;
    counts.forEach((count, token) => {
      for (let i = 0; i < count; i += 1) ids[token * most + i] = BigInt(rows[at++] ?? -1);
    });
    const given = await session.run({
      features: new ort.Tensor('int64', ids, [1, counts.length, most]),
      lengths: new ort.Tensor('int64', [BigInt(counts.length)], [1]),
    });
    const first = (given['logits']?.data as Float32Array).subarray(0, logits.length);
    first.forEach((logit, i) => {
      expect(logit).toBeCloseTo(logits[i] as number, 3);
    });
  });

  it.each(fixture)('answers in TypeScript as in torch: $text', ({ text, logits }) => {
    const { tensors } = readOnnx(model);
    const encoder = read();
    const all = tensors.get('head.weights')?.dimensions[1] ?? 0;
    const floats = (name: string) => new Float32Array(new Uint8Array(tensors.get(name)?.bytes ?? []).buffer);
    const columns = padded(logits.length);
    const weights = new Float32Array(pooledOf(encoder.shape) * columns);
    floats('head.weights').forEach((weight, i) => {
      if (i % all < logits.length) weights[Math.floor(i / all) * columns + (i % all)] = weight;
    });
    const bias = Float32Array.from({ length: columns }, (_, i) => floats('head.bias')[i] ?? 0);
    const score = createScorer({ ...encoder, head: { weights, bias }, intents: logits.map(String) });
    const expected = softmaxOf(Float32Array.from(logits));
    score(text).forEach((share, i) => {
      expect(share).toBeCloseTo(expected[i] as number, 3);
    });
  });
});
