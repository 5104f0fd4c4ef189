import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { chance } from '../../chance/index.ts';
import { chainOf, type Chain } from './chain.ts';
import { likelihood } from './gradient.ts';
import { begins, continues, labelCount } from './labels.ts';
import { spanSearch } from './lattice.ts';
import { marginalRoom, prepare, sumUp } from './marginals.ts';

const KINDS = 2;
const LABELS = labelCount(KINDS);

/** Every sequence in which a span begins before it goes on. */
function legal(count: number): readonly Uint16Array[] {
  let all: number[][] = [[]];
  for (let i = 0; i < count; i += 1) {
    all = all.flatMap((labels) =>
      Array.from({ length: LABELS }, (_, label) => [...labels, label]).filter((next) => {
        const label = next.at(-1) ?? 0;
        const before = next.at(-2);
        return label === 0 || label % 2 === 1 || before === label || before === label - 1;
      }),
    );
  }
  return all.map((labels) => Uint16Array.from(labels));
}

/** A chain that knows every pair of kinds, and scores, drawn from a seed. */
function drawn(count: number, seed: number): { chain: Chain; scores: Float32Array } {
  const random = chance(seed);
  const chain = chainOf(KINDS, legal(3));
  for (let w = 0; w < chain.weights.length; w += 1) chain.weights[w] = random() * 3 - 1.5;
  return { chain, scores: Float32Array.from({ length: count * LABELS }, () => random() * 6 - 3) };
}

/** The score of a sequence, from the gradient's own counting: its likelihood and the total. */
function scoreOf({ chain, scores }: ReturnType<typeof drawn>, labels: Uint16Array): number {
  const sums = marginalRoom(chain);
  const into = { scores: new Float32Array(scores.length), weights: new Float64Array(chain.weights.length) };
  return likelihood(chain, sums, scores, 0, labels, into) + sumUp(sums, chain, scores, 0, labels.length);
}

describe('a chain of labels', () => {
  test.prop([fc.integer({ min: 1, max: 5 }), fc.nat()], { numRuns: 40 })(
    'has the best path, and the chances of its spans, that trying all paths finds',
    (count, seed) => {
      const given = drawn(count, seed);
      const scored = legal(count).map((labels) => ({ labels, score: scoreOf(given, labels) }));
      const total = Math.log(scored.reduce((sum, { score }) => sum + Math.exp(score), 0));

      const found = spanSearch(given.chain, { reach: Infinity, part: 0 })(given.scores, 0, count);

      const path = new Uint16Array(count);
      for (const { kind, first, last, chance: likely } of found) {
        path.fill(continues(kind), first, last + 1);
        path[first] = begins(kind);
        const having = scored.filter(({ labels }) =>
          labels
            .slice(first, last + 2)
            .every((label, i) =>
              i === 0
                ? label === begins(kind)
                : i > last - first
                  ? label !== continues(kind)
                  : label === continues(kind),
            ),
        );
        const share = having.reduce((sum, { score }) => sum + Math.exp(score - total), 0);
        expect(likely).toBeCloseTo(share, 4);
      }
      expect(scoreOf(given, path)).toBeCloseTo(Math.max(...scored.map(({ score }) => score)), 3);
    },
  );

  test.prop([fc.integer({ min: 1, max: 4 }), fc.nat()], { numRuns: 15 })(
    'has a total that is the sum over all sequences',
    (count, seed) => {
      const given = drawn(count, seed);
      const sum = legal(count).reduce((total, labels) => total + Math.exp(scoreOf(given, labels)), 0);
      const total = sumUp(marginalRoom(given.chain), given.chain, given.scores, 0, count);
      expect(total).toBeCloseTo(Math.log(sum), 4);
    },
  );

  it('has the gradient that small steps show', () => {
    for (const [seed, gold] of legal(4)
      .filter((_, i) => i % 37 === 5)
      .entries()) {
      const { chain, scores } = drawn(4, seed);
      const sums = marginalRoom(chain);
      const into = { scores: new Float32Array(scores.length), weights: new Float64Array(chain.weights.length) };
      const at = (numbers: Float32Array, i: number, step: number): number => {
        const before = numbers[i] ?? 0;
        numbers[i] = before + step;
        prepare(sums, chain);
        const result = likelihood(chain, sums, scores, 0, gold, into);
        numbers[i] = before;
        prepare(sums, chain);
        return result;
      };
      likelihood(chain, sums, scores, 0, gold, into);
      const found = [Float64Array.from(into.scores), into.weights.slice()] as const;
      for (const [part, numbers] of [scores, chain.weights].entries()) {
        numbers.forEach((_, i) => {
          const slope = (at(numbers, i, 0.01) - at(numbers, i, -0.01)) / 0.02;
          expect(Math.abs(slope - (found[part]?.[i] ?? NaN))).toBeLessThan(1e-3);
        });
      }
    }
  });
});
