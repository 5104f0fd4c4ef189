import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { joined } from './intake.ts';
import { initialResampling, resample } from './rate.ts';

const sine = (hertz: number, rate: number, samples = rate): Int16Array =>
  Int16Array.from({ length: samples }, (_, i) => Math.round(8_000 * Math.sin((2 * Math.PI * hertz * i) / rate)));

/** Brings a sound to another rate, in pieces of these lengths. */
function inPieces(sound: Int16Array, from: number, to: number, lengths: readonly number[]): Int16Array {
  let state = initialResampling(from);
  let out: Int16Array = new Int16Array(0);
  for (let at = 0, i = 0; at < sound.length; i++) {
    const length = lengths[i % lengths.length] ?? 1;
    const step = resample(state, sound.slice(at, at + length), to);
    state = step.state;
    out = joined(out, step.sound);
    at += length;
  }
  return out;
}
const loudness = (sound: Int16Array) => Math.sqrt(sound.reduce((sum, s) => sum + s * s, 0) / sound.length);

describe('a sound at another rate', () => {
  test.prop(
    [
      fc.constantFrom(8_000, 11_025, 12_000, 16_000, 24_000, 44_100, 48_000),
      fc.constantFrom(8_000, 16_000),
      fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 8 }),
    ],
    { numRuns: 40 },
  )('is the same in whatever pieces it comes', (from, to, lengths) => {
    const sound = sine(440, from, 3_000);
    expect(inPieces(sound, from, to, lengths)).toEqual(inPieces(sound, from, to, [sound.length]));
  });

  it.each([
    [48_000, 16_000],
    [44_100, 8_000],
    [8_000, 16_000],
    [24_000, 16_000],
  ])('from %i to %i Hz sounds as it did', (from, to) => {
    const out = inPieces(sine(1_000, from), from, to, [from / 10]).slice(200, to - 400);
    const wanted = sine(1_000, to).slice(200, to - 400);
    expect(loudness(out.map((s, i) => s - (wanted[i] ?? 0)))).toBeLessThan(loudness(wanted) / 100);
  });

  it('has nothing in it that the lower rate cannot carry', () => {
    const out = inPieces(sine(6_000, 48_000), 48_000, 8_000, [4_800]).slice(200, 7_600);
    expect(loudness(out)).toBeLessThan(8_000 / Math.SQRT2 / 300);
  });
});
