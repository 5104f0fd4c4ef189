import { initialResampling, resample } from './rate.ts';
import type { Recording } from './wav.ts';

/** More than the filter reaches at any pair of rates from 4 to 192 kHz. */
const TAIL = 1_024;

/** A whole recording at another rate, to its last sample. */
export function atRate({ rate, samples }: Recording, to: number): Recording {
  if (rate === to) return { rate, samples };
  // Silence after the end brings out what the filter still holds.
  const tailed = new Int16Array(samples.length + TAIL);
  tailed.set(samples);
  const { sound } = resample(initialResampling(rate), tailed, to);
  return { rate: to, samples: sound.slice(0, Math.round((samples.length * to) / rate)) };
}
