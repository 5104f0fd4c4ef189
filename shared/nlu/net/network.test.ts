import { describe, expect, it } from 'vitest';
import { chance } from '../../chance/index.ts';
import { QUIET } from './batch.ts';
import { createNetwork } from './network.ts';
import { dequantised } from './shape.ts';
import { smallEncoder } from './testing.ts';
import { features } from './tokens.ts';

const STEP = 2e-3;
const SMOOTHING = 0.1;
const INTENTS = 5;
/** A rectifier or a maximum may change over within a step: no more than one in so many checks. */
const KINKS = 50;

describe.each([1, 2])('a network with %i convolutions', (layers) => {
  const { shape, table, convolutions } = smallEncoder(3, layers);
  const random = chance(5);
  const network = createNetwork(
    { shape, table: dequantised(table, shape.dim), convolutions, intents: INTENTS },
    4,
    random,
  );
  network.layers.at(-1)?.weights.values.forEach((_, i, values) => {
    if (i % 16 < INTENTS) values[i] = random() - 0.5;
  });
  const sentences = ['where is my card', 'hi', 'I lost my 银行卡 yesterday, please help'].map((text, label) => ({
    features: features(text, shape.bits),
    label,
  }));

  const lossOf = (): number => {
    const shares = network.probabilities(sentences);
    const losses = Array.from(shares, (share, i) => {
      const right = sentences[Math.floor(i / INTENTS)]?.label === i % INTENTS;
      return -(SMOOTHING / INTENTS + (right ? 1 - SMOOTHING : 0)) * Math.log(share);
    });
    return losses.reduce((sum, loss) => sum + loss) / sentences.length;
  };

  it('has the gradients that finite differences give', () => {
    const loss = network.step(sentences, QUIET, SMOOTHING);
    const { rows, gradients } = network.seen;
    const weights = network.layers.flatMap((layer) => [
      { values: layer.weights.values, gradients: layer.weightsGradient.values, at: [...layer.weights.values.keys()] },
      { values: layer.bias.values, gradients: layer.biasGradient.values, at: [...layer.bias.values.keys()] },
    ]);
    const seen = rows.flatMap((row, slot) =>
      [...Array(shape.dim).keys()].map((d) => [row * shape.dim + d, slot * shape.dim + d] as const),
    );
    const checks = [
      ...weights.flatMap(({ values, gradients: given, at }) =>
        at.filter((i) => i % 5 === 0).map((i) => ({ values, i, gradient: given[i] ?? NaN })),
      ),
      ...seen
        .filter((_, i) => i % 7 === 0)
        .map(([i, from]) => ({ values: network.table, i, gradient: gradients[from] ?? NaN })),
    ];
    const wrong = checks.filter(({ values, i, gradient }) => {
      const value = values[i] as number;
      values[i] = value + STEP;
      const above = lossOf();
      values[i] = value - STEP;
      const below = lossOf();
      values[i] = value;
      return !(Math.abs((above - below) / (2 * STEP) - gradient) < 1e-3 + 0.02 * Math.abs(gradient));
    });

    expect(loss).toBeCloseTo(lossOf(), 5);
    expect(wrong.length).toBeLessThan(checks.length / KINKS);
  });
});
