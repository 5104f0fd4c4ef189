import { fc, it } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { deserialise, serialise } from './format.ts';
import { netModelOf } from './model.ts';
import { recipeFor } from './recipe.ts';
import { EXAMPLES, smallEncoder } from './testing.ts';
import { features } from './tokens.ts';
import { judge, train } from './train.ts';

const intents = [...new Set(EXAMPLES.map(({ intent }) => intent))];
const start = smallEncoder();
const sentences = EXAMPLES.map(({ text, intent }) => ({
  features: features(text, start.shape.bits),
  label: intents.indexOf(intent),
}));
const recipe = recipeFor(sentences.length, intents.length, 'default', 1);
const weights = train(start, intents, sentences, recipe);
const bytes = serialise(weights);

describe('a net in a file', () => {
  it('comes back as it was', () => {
    expect(deserialise(bytes)).toEqual(weights);
    expect(netModelOf(bytes).serialise()).toEqual(bytes);
  });

  it('comes back with the net beside it, and answers with both', () => {
    const two = { ...weights, beside: train(smallEncoder(2), intents, sentences, recipe) };
    expect(deserialise(serialise(two))).toEqual(two);
    const { scores } = netModelOf(serialise(two));
    const [both, one, other] = [two, weights, two.beside].map((net) => judge(net, sentences.slice(0, 1)));
    const product = one?.map((share, k) => Math.sqrt(share * (other?.[k] ?? 0)));
    const sum = product?.reduce((all, share) => all + share, 0) ?? 0;
    scores(EXAMPLES[0]?.text ?? '').forEach((share, k) => {
      expect(share).toBeCloseTo(both?.[k] ?? 0, 4);
      expect(share).toBeCloseTo((product?.[k] ?? 0) / sum, 4);
    });
  });

  it('is refused where its nets do not belong together, or are more than two', () => {
    const other = { ...weights, intents: intents.toReversed() };
    expect(() => deserialise(serialise({ ...weights, beside: other }))).toThrow('do not belong together');
    const three = { ...weights, beside: { ...weights, beside: weights } };
    expect(() => deserialise(serialise(three))).toThrow('more than two');
  });

  it('answers as it did where it was trained', () => {
    const { scores } = netModelOf(bytes);
    const shares = judge(weights, sentences);
    EXAMPLES.forEach(({ text }, i) => {
      scores(text).forEach((share, k) => {
        expect(share).toBeCloseTo(shares[i * intents.length + k] as number, 4);
      });
    });
  });

  it.prop([fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 })])(
    'is refused with one byte changed',
    (at, by) => {
      const changed = bytes.slice();
      changed[at] = ((changed[at] as number) + by) % 256;
      expect(() => deserialise(changed)).toThrow(/could not read a net/);
    },
  );

  it.prop([fc.nat(bytes.length - 1)])('is refused cut off', (length) => {
    expect(() => deserialise(bytes.slice(0, length))).toThrow(/could not read a net/);
  });

  it('is refused where it claims more than it may hold', () => {
    const huge = serialise({ ...weights, intents: Array.from({ length: 4 }, () => 'x') });
    expect(deserialise(huge).intents).toHaveLength(4);
    expect(() => deserialise(serialise({ ...weights, intents: [] }))).toThrow();
  });

  it.each(['', '😀', 'x'.repeat(10_000), '\ud800', '\u202eabc', '\0\u0007', '退'.repeat(3_000)])(
    'answers %j in bounded time with shares that add up to 1',
    (text) => {
      const sum = netModelOf(bytes)
        .scores(text)
        .reduce((total, share) => total + share, 0);
      expect(sum).toBeCloseTo(1, 5);
    },
  );
});
