import { describe, expect, it } from 'vitest';
import { dealt } from '../confidence/rehearse.ts';
import { fineTune, intentsOf, rehearseNet } from './fine-tune.ts';
import { EXAMPLES, smallEncoder } from './testing.ts';

const options = { seed: 7, start: smallEncoder() };

describe('fine-tuning', () => {
  it('learns its examples', async () => {
    const { intents, scores } = await fineTune(EXAMPLES, options);
    const right = EXAMPLES.filter(({ text, intent }) => {
      const shares = scores(text);
      return intents[shares.indexOf(Math.max(...shares))] === intent;
    });
    expect(right).toHaveLength(EXAMPLES.length);
  });

  it('gives the same net for the same seed, and another for another', async () => {
    const [one, same, other] = await Promise.all([
      fineTune(EXAMPLES, options),
      fineTune(EXAMPLES, options),
      fineTune(EXAMPLES, { ...options, seed: 8 }),
    ]);
    expect(one.serialise()).toEqual(same.serialise());
    expect(one.serialise()).not.toEqual(other.serialise());
  });

  it('tells how far it is', async () => {
    const parts: number[] = [];
    await fineTune(EXAMPLES, { ...options, onProgress: (part) => parts.push(part) });
    expect(parts).toEqual(parts.toSorted((a, b) => a - b));
    expect(parts.at(-1)).toBe(1);
  });

  it('stops when it is told to', async () => {
    const signal = AbortSignal.abort();
    await expect(fineTune(EXAMPLES, { ...options, signal })).rejects.toMatchObject({ code: 'nlu.training-stopped' });
  });

  it('refuses to tell one intent from none', async () => {
    const one = EXAMPLES.filter(({ intent }) => intent === 'hello');
    await expect(fineTune(one, options)).rejects.toMatchObject({ code: 'nlu.too-few-intents' });
  });

  it('judges each example of a fold by a net that has not seen it', async () => {
    const intents = intentsOf(EXAMPLES);
    const labelled = EXAMPLES.map(({ text, intent }) => ({ text, label: intents.indexOf(intent) }));
    const fold = dealt(labelled, 3, 1);
    const { examples, shares } = await rehearseNet(EXAMPLES, fold, 2, options);
    const held = [...fold.keys()].filter((i) => (fold[i] ?? 0) < 2);
    expect(Array.from(examples).toSorted((a, b) => a - b)).toEqual(held);
    expect(shares).toHaveLength(held.length * intents.length);
  });
});
