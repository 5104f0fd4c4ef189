import { beforeAll, describe, expect, it } from 'vitest';
import { EXAMPLES, smallEncoder } from '../net/testing.ts';
import { decodeModel } from './decode.ts';
import { encodeModel } from './encode.ts';
import { intentReader, trainIntentModel, type IntentModel } from './intent-model.ts';
import { trainWithNet } from './train-net.ts';

const options = { seed: 7, start: smallEncoder(), validation: EXAMPLES };
const refusal = (model: IntentModel): string => {
  try {
    decodeModel(encodeModel(model));
  } catch (error) {
    return (error as Error).message.replace('this model cannot be used: ', '');
  }
  return 'taken';
};

let model: IntentModel;
let net: NonNullable<IntentModel['net']>;
beforeAll(async () => {
  const trained = await trainWithNet(EXAMPLES, options);
  if (!trained.net) throw new Error('a net was expected');
  // So small a bot's cascade would let everything go on, or nothing.
  net = { ...trained.net, cascade: { weight: 0.5, threshold: 0.9 } };
  model = { ...trained, net };
});

describe('a model with a net', () => {
  it('keeps the linear model and its calibration, but for the threshold', () => {
    const alone = trainIntentModel(EXAMPLES, { seed: 7, validation: EXAMPLES });
    expect(model.linear).toEqual(alone.linear);
    expect({ ...model.calibration, threshold: 0 }).toEqual({ ...alone.calibration, threshold: 0 });
  });

  it('comes out the same for the same seed', async () => {
    const [one, other] = [await trainWithNet(EXAMPLES, options), await trainWithNet(EXAMPLES, options)];
    expect(encodeModel(one).equals(encodeModel(other))).toBe(true);
  });

  it('asks the net only where the linear model is not sure', () => {
    const by = (threshold: number) => {
      const understand = intentReader({ ...model, net: { ...net, cascade: { weight: 0.5, threshold } } });
      return new Set(EXAMPLES.map(({ text }) => understand(text).by));
    };
    expect(by(1.01)).toEqual(new Set(['net']));
    expect(by(0)).toEqual(new Set(['linear']));
  });

  it('takes traditional characters for simplified ones', () => {
    const understand = intentReader({ ...model, net: { ...net, cascade: { weight: 1, threshold: 1.01 } } });
    expect(understand('快遞還沒到')).toEqual(understand('快递还没到'));
  });

  it('ranks intents it knows with chances between 0 and 1, best first', () => {
    const understand = intentReader(model);
    for (const text of ['my card', 'where is the money', '退款', 'hello parcel', 'x'.repeat(10_000)]) {
      const { ranked, probability } = understand(text);
      const all = ranked.map(({ confidence }) => confidence);
      expect(all).toEqual(all.toSorted((a, b) => b - a));
      expect([...all, probability].every((it) => it >= 0 && it <= 1)).toBe(true);
    }
  });

  it('goes on without a net whose numbers overflow', () => {
    const convolutions = net.weights.convolutions.map((layer) => ({ ...layer, bias: layer.bias.map(() => 3e38) }));
    const cascade = { weight: 0.5, threshold: 1.01 };
    const understand = intentReader({ ...model, net: { ...net, cascade, weights: { ...net.weights, convolutions } } });
    const { by, ranked } = understand('my card is gone');
    expect([by, ranked[0]?.intent]).toEqual(['linear', 'lost']);
  });

  it('is none where there is too little to learn from', async () => {
    const hello = EXAMPLES.filter(({ intent }) => intent === 'hello');
    for (const few of [[], hello])
      expect((await trainWithNet(few, { seed: 1, start: smallEncoder() })).net).toBeUndefined();
  });
});

describe('the file of a model with a net', () => {
  it('gives back the model', () => {
    const read = decodeModel(encodeModel(model));
    expect(read).toEqual(model);
    expect(encodeModel(read).equals(encodeModel(model))).toBe(true);
  });

  it('is refused with a net that is not the one of these intents, or no net', () => {
    const intents = model.intents.toReversed();
    expect(refusal({ ...model, net: { ...net, weights: { ...net.weights, intents } } })).toBe(
      'its net has other intents',
    );
    const head = { ...net.weights.head, bias: net.weights.head.bias.map(() => NaN) };
    expect(refusal({ ...model, net: { ...net, weights: { ...net.weights, head } } })).toMatch(
      'its weights are no numbers',
    );
    expect(refusal({ ...model, net: { ...net, cascade: { weight: 2, threshold: 1 } } })).toMatch('its header is wrong');
  });

  it('is refused where it ends early', () => {
    const bytes = encodeModel(model);
    for (const part of [0.2, 0.5, 0.9, 0.9999]) {
      expect(() => decodeModel(bytes.subarray(0, Math.floor(part * bytes.length)))).toThrow('cannot be used');
    }
  });
});
