import { chance } from '../../chance/index.ts';
import { inputsOf, quantised, type Encoder, type Shape } from './shape.ts';

/** An encoder of random weights, small enough for tests. */
export function smallEncoder(seed = 1, layers = 1): Encoder {
  const shape: Shape = { bits: 9, dim: 16, hidden: 32, layers };
  const random = chance(seed);
  const floats = (count: number) => Float32Array.from({ length: count }, () => (random() - 0.5) * 0.6);
  return {
    shape,
    table: quantised(floats(2 ** shape.bits * shape.dim), shape.dim),
    convolutions: Array.from({ length: layers }, (_, i) => ({
      weights: floats(inputsOf(shape, i) * shape.hidden),
      bias: floats(shape.hidden),
    })),
  };
}

/** A bot's examples in two languages, of four intents. */
export const EXAMPLES = Object.entries({
  lost: [
    'my card is gone',
    'I lost my card',
    'card stolen, please block it',
    'cannot find my card',
    '卡丢了',
    '我的卡不见了',
  ],
  parcel: [
    'where is my parcel',
    'parcel has not come',
    'track the parcel',
    'delivery is late',
    '包裹到哪了',
    '快递还没到',
  ],
  refund: [
    'I want my money back',
    'refund please',
    'when is the refund paid',
    'pay me back',
    '我要退款',
    '退款什么时候到',
  ],
  hello: ['hi', 'hello', 'good morning', 'hey there', '你好', '早上好'],
}).flatMap(([intent, texts]) => texts.map((text) => ({ text, intent })));
