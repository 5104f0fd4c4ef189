import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { beforeAll, describe, expect, it } from 'vitest';
import { vectorizer } from '../features/vectors.ts';
import { linearScorer } from '../linear/train.ts';
import { readTrainingData } from '../data/read.ts';
import { trainIntentModel, type IntentExample, type IntentModel } from './intent-model.ts';
import { onnxOf } from './onnx.ts';

let examples: readonly IntentExample[];
let model: IntentModel;
let session: InferenceSession;

beforeAll(async () => {
  ({ examples } = await readTrainingData([join(import.meta.dirname, '../../../bots/shop-helpdesk')]));
  model = trainIntentModel(examples, { seed: 1 });
  session = await InferenceSession.create(onnxOf(model), { intraOpNumThreads: 1, interOpNumThreads: 1 });
});

describe('the model as ONNX', () => {
  it('gives the same scores in onnxruntime', async () => {
    const read = vectorizer(model.linear.vocabulary);
    const score = linearScorer(model.linear);
    let furthest = 0;
    for (const { text } of examples.filter((_, i) => i % 7 === 0)) {
      const { ids, values, length } = read(text);
      const { scores } = await session.run({
        ids: new Tensor('int64', BigInt64Array.from(ids.subarray(0, length), BigInt), [length]),
        values: new Tensor('float32', Float32Array.from(values.subarray(0, length)), [1, length]),
      });
      const own = score(text).scores;
      for (const [k, other] of (scores?.data as Float32Array).entries()) {
        furthest = Math.max(furthest, Math.abs(other - (own[k] ?? NaN)));
      }
    }
    expect(furthest).toBeLessThanOrEqual(1e-4);
  });
});
