import { InferenceSession, Tensor } from 'onnxruntime-node';
import { expect, it } from 'vitest';
import { labelCount } from './labels.ts';
import { emissionInputs, onnxOf } from './onnx.ts';
import { FIRST_ROW, rowsOf, scoreLabels } from './scores.ts';
import { trainTagger } from './tagger.ts';
import { sampleTexts } from './testing.ts';
import { readTokens, tokenRoom } from './tokens.ts';
import { readUnits, unitRoom } from './units.ts';

it('gives the same scores in onnxruntime as in TypeScript', async () => {
  const texts = sampleTexts(120, 3);
  const { model } = trainTagger(texts);
  const session = await InferenceSession.create(onnxOf(model), { intraOpNumThreads: 1, interOpNumThreads: 1 });
  const tokens = tokenRoom();
  const units = unitRoom();
  const labels = labelCount(model.kinds.length);
  let furthest = 0;
  for (const { text } of texts.slice(0, 40)) {
    const { ids, places, size } = emissionInputs(model, text);
    const { scores } = await session.run({
      ids: new Tensor('int64', ids, [ids.length]),
      places: new Tensor('int64', places, [places.length]),
      size: new Tensor('int64', size, [1]),
    });
    readTokens(text, tokens);
    readUnits(tokens, model.lexicon, units);
    const own = new Float32Array(rowsOf(tokens.count) * labels);
    scoreLabels(model.emissions, units, tokens.count, model.kinds.length, own);
    const given = scores?.data as Float32Array;
    expect(given.length).toBe(tokens.count * labels);
    given.forEach((score, i) => {
      furthest = Math.max(furthest, Math.abs(score - (own[FIRST_ROW * labels + i] ?? NaN)));
    });
    expect(given.some((score) => score !== 0)).toBe(true);
  }
  expect(furthest).toBeLessThan(1e-4);
});
