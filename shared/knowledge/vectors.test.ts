import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { startEmbedder } from './start-embedder.ts';
import { unit, vectors } from './vectors.ts';

const DIMENSION = 5;
const vector = fc
  .array(fc.float({ min: -1, max: 1, noNaN: true }), { minLength: DIMENSION, maxLength: DIMENSION })
  .map((values) => unit(Float32Array.from(values)));
const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);

describe('vectors', () => {
  test.prop([fc.array(vector, { maxLength: 150 }), vector, vector])(
    'have the cosine that the formula gives, asked again and again',
    (all, first, second) => {
      const compared = vectors(all, DIMENSION);
      for (const question of [first, second]) {
        const scores = compared.score(question);
        expect(scores).toHaveLength(all.length);
        all.forEach((one, i) => {
          expect(scores[i]).toBeCloseTo(dot(one, question), 4);
        });
      }
    },
  );
});

describe('the shipped embedder', () => {
  const embedder = startEmbedder();
  const of = async (text: string, as: 'query' | 'passage') => (await embedder.embed([text], { as }))[0] as Float32Array;

  it('gives vectors of length 1, and the same ones each time', async () => {
    for (const text of ['退款多久到账？', 'Where is my parcel? It is late.', '😀', '']) {
      for (const as of ['query', 'passage'] as const) {
        const made = await of(text, as);
        expect(made).toHaveLength(embedder.dimension);
        expect(Math.hypot(...made)).toBeCloseTo(1, 4);
        expect(await of(text, as)).toEqual(made);
      }
    }
  });

  it('puts what means the same near, across languages', async () => {
    const question = await of('什么时候退钱给我', 'query');
    const near = await of('Refunds arrive within three days.', 'passage');
    const far = await of('Choose a locker close to you.', 'passage');
    expect(dot(question, near)).toBeGreaterThan(dot(question, far));
  });
});
