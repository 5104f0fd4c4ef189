import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { atRate } from './at-rate.ts';
import { fromFloats, fromLinear, toFloats, toLinear } from './codecs.ts';

const EVERY_BYTE = Uint8Array.from({ length: 256 }, (_, byte) => byte);
const tone = (hertz: number, rate: number, ms = 1_000): Int16Array =>
  Int16Array.from({ length: (rate * ms) / 1_000 }, (_, i) =>
    Math.round(10_000 * Math.sin((2 * Math.PI * hertz * i) / rate)),
  );
const power = (samples: Int16Array) => samples.reduce((sum, sample) => sum + sample ** 2, 0) / samples.length;
/** Decibels of what differs, against what should be. */
const error = (is: Int16Array, should: Int16Array) => {
  const middle = is.subarray(200, -200).map((sample, i) => sample - (should[i + 200] ?? 0));
  return 10 * Math.log10(power(middle) / power(should));
};

describe('sound as it travels', () => {
  // ITU-T G.711, tables 1a and 2a, brought to 16 bits: the first, the last and the quietest of each half.
  it.each([
    ['mulaw', [0x80, 0x00, 0xff, 0x7f, 0xf0], [32_124, -32_124, 0, 0, 120]],
    ['alaw', [0xaa, 0x2a, 0xd5, 0x55, 0xc5], [32_256, -32_256, 8, -8, 264]],
  ] as const)('in %s has the values of the standard', (codec, bytes, samples) => {
    expect([...toLinear(Uint8Array.from(bytes), codec)]).toEqual(samples);
  });

  it.each(['mulaw', 'alaw'] as const)('in %s comes back as it was, every byte of it', (codec) => {
    const back = fromLinear(toLinear(EVERY_BYTE, codec), codec);
    // Mu-law has two zeros.
    expect([...back]).toEqual([...EVERY_BYTE].map((byte) => (codec === 'mulaw' && byte === 0x7f ? 0xff : byte)));
  });

  it.each(['mulaw', 'alaw'] as const)('in %s is never further off than a step', (codec) => {
    fc.assert(
      fc.property(fc.integer({ min: -32_768, max: 32_767 }), (sample) => {
        const [back = 0] = toLinear(fromLinear(Int16Array.of(sample), codec), codec);
        expect(Math.abs(back - sample)).toBeLessThanOrEqual(Math.max(16, Math.abs(sample) / 16));
      }),
    );
  });

  it('in 16 bits has the low byte first, wherever it lies in memory', () => {
    const memory = Buffer.from([9, 0x34, 0x12, 0xff, 0xff, 7]);
    expect([...toLinear(memory.subarray(1, 6), 'l16')]).toEqual([0x1234, -1]);
    expect([...fromLinear(Int16Array.of(0x1234, -1), 'l16')]).toEqual([0x34, 0x12, 0xff, 0xff]);
  });

  it('goes to floats and back unharmed, and is cut off where it is too loud', () => {
    fc.assert(
      fc.property(fc.int16Array(), (samples) => {
        expect(fromFloats(toFloats(samples))).toEqual(samples);
      }),
    );
    expect([...fromFloats(Float32Array.of(2, -2, NaN, Infinity))]).toEqual([32_767, -32_768, 0, 32_767]);
  });
});

describe('a recording at another rate', () => {
  it.each([
    [8_000, 16_000],
    [16_000, 8_000],
    [24_000, 8_000],
    [24_000, 16_000],
    [48_000, 8_000],
    [44_100, 16_000],
    [8_000, 48_000],
  ])('from %i to %i keeps a tone to within -65 dB, and its length', (from, to) => {
    const { samples } = atRate({ rate: from, samples: tone(1_000, from) }, to);
    expect(samples).toHaveLength(to);
    expect(error(samples, tone(1_000, to))).toBeLessThan(-65);
  });

  it.each([16_000, 24_000, 48_000])('from %i to 8000 lets nothing through that it cannot carry', (from) => {
    const { samples } = atRate({ rate: from, samples: tone(4_600, from) }, 8_000);
    expect(10 * Math.log10(power(samples.subarray(200, -200)) / power(tone(4_600, from)))).toBeLessThan(-50);
  });
});
