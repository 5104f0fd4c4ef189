/** What is done to recordings before the model hears them. */
import { chance } from '../../shared/chance/index.ts';
import type { Item } from './sets.ts';

export type Condition = 'clean' | 'mulaw' | 'white 20' | 'white 10' | 'white 5' | 'pink 10' | 'babble 10' | 'quiet';

export const CONDITIONS: readonly Condition[] = [
  'clean',
  'mulaw',
  'white 20',
  'white 10',
  'white 5',
  'pink 10',
  'babble 10',
  'quiet',
];

/** An item as heard under a condition; the seed decides the noise. `others` is what a babble is made of. */
export function under(condition: Condition, item: Item, seed: number, others: readonly Item[]): Float32Array {
  const { samples } = item;
  const [kind, decibel] = condition.split(' ');
  switch (kind) {
    case 'mulaw':
      return samples.map(throughMulaw);
    case 'quiet':
      return samples.map((sample) => sample / 10);
    case 'white':
    case 'pink':
    case 'babble': {
      const noise = noiseOf(kind, samples.length, seed, others);
      // The level of speech is that of its sounding samples: the silence between the digits does not count.
      const spoken = samples.filter((sample) => sample !== 0);
      const factor = Math.sqrt(power(spoken) / power(noise)) * 10 ** (-Number(decibel) / 20);
      return samples.map((sample, i) => sample + factor * (noise[i] ?? 0));
    }
    default:
      return samples;
  }
}

const power = (samples: Float32Array): number =>
  samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;

function noiseOf(
  kind: 'white' | 'pink' | 'babble',
  length: number,
  seed: number,
  others: readonly Item[],
): Float32Array {
  const random = chance(seed);
  if (kind === 'babble') {
    const voices = [0, 1, 2, 3].map(() => {
      const one = others[Math.floor(random() * others.length)]?.samples ?? new Float32Array(1);
      const from = Math.floor(random() * one.length);
      const scale = 1 / Math.sqrt(power(one));
      return Float32Array.from({ length }, (_, i) => scale * (one[(from + i) % one.length] ?? 0));
    });
    return Float32Array.from({ length }, (_, i) => voices.reduce((sum, voice) => sum + (voice[i] ?? 0), 0));
  }
  const gauss = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const white = Float32Array.from({ length }, gauss);
  if (kind === 'white') return white;
  // Paul Kellet's filter: three poles that give 3 dB an octave.
  let [a, b, c] = [0, 0, 0];
  return white.map((sample) => {
    a = 0.99765 * a + sample * 0.099046;
    b = 0.963 * b + sample * 0.2965164;
    c = 0.57 * c + sample * 1.0526913;
    return a + b + c + sample * 0.1848;
  });
}

/** To G.711 µ-law and back. */
function throughMulaw(sample: number): number {
  const value = Math.max(-32_635, Math.min(32_635, Math.round(sample * 32_768)));
  const size = Math.abs(value) + 132;
  const exponent = Math.floor(Math.log2(size)) - 7;
  const mantissa = (size >> (exponent + 3)) & 15;
  const back = (((mantissa << 3) + 132) << exponent) - 132;
  return (Math.sign(value) * back) / 32_768;
}
