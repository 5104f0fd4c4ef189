import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readWav, writeWav } from './wav.ts';

interface Lie {
  readonly encoding?: number;
  readonly channels?: number;
  readonly rate?: number;
  readonly bits?: number;
  readonly dataSize?: number;
  readonly formatSize?: number;
  readonly before?: Buffer;
}

function wav(sound: Uint8Array, lie: Lie = {}): Uint8Array {
  const { encoding = 1, channels = 1, rate = 8_000, bits = 16, dataSize = sound.length, formatSize = 16 } = lie;
  const head = Buffer.alloc(24);
  head.write('fmt ');
  head.writeUInt32LE(formatSize, 4);
  head.writeUInt16LE(encoding, 8);
  head.writeUInt16LE(channels, 10);
  head.writeUInt32LE(rate, 12);
  head.writeUInt16LE(bits, 22);
  const data = Buffer.alloc(8);
  data.write('data');
  data.writeUInt32LE(dataSize, 4);
  const body = Buffer.concat([head, lie.before ?? Buffer.alloc(0), data, sound]);
  const riff = Buffer.from('RIFF\0\0\0\0WAVE', 'latin1');
  riff.writeUInt32LE(body.length + 4, 4);
  return new Uint8Array(Buffer.concat([riff, body]));
}
const chunk = (name: string, size: number, body = Buffer.alloc(0)) => {
  const head = Buffer.alloc(8);
  head.write(name);
  head.writeUInt32LE(size, 4);
  return Buffer.concat([head, body]);
};
const SOUND = new Uint8Array(Buffer.from([0x34, 0x12, 0xff, 0xff]));

describe('a WAV file', () => {
  it('comes back as it was written', () => {
    fc.assert(
      fc.property(fc.int16Array({ minLength: 1 }), fc.constantFrom(8_000, 16_000, 44_100), (samples, rate) => {
        expect(readWav(writeWav({ rate, samples }))).toEqual({ ok: true, rate, samples });
      }),
    );
  });

  it.each([
    ['mu-law', { encoding: 7, bits: 8 }, Uint8Array.of(0x80, 0xff), [32_124, 0]],
    ['A-law', { encoding: 6, bits: 8 }, Uint8Array.of(0xd5), [8]],
    ['8 bits', { bits: 8 }, Uint8Array.of(0, 128, 255), [-32_768, 0, 32_512]],
    ['24 bits', { bits: 24 }, Uint8Array.of(9, 0x34, 0x12), [0x1234]],
    ['floats', { encoding: 3, bits: 32 }, new Uint8Array(Float32Array.of(0.5, -2).buffer), [16_384, -32_768]],
    ['two channels', { channels: 2 }, SOUND, [Math.round((0x1234 - 1) / 2)]],
    ['another chunk first', { before: chunk('LIST', 3, Buffer.alloc(4)) }, SOUND, [0x1234, -1]],
  ] as const)('in %s is read', (_, as, sound, samples) => {
    const read = readWav(wav(sound, as));
    expect(read.ok && [...read.samples]).toEqual(samples);
  });

  it.each([
    ['of 4 GB', { dataSize: 0xff_ff_ff_ff }],
    ['of nothing, as those leave it who write as they go', { dataSize: 0 }],
  ])('whose header tells %s is read as far as it goes', (_, lie) => {
    const read = readWav(wav(SOUND, lie));
    expect(read.ok && [...read.samples]).toEqual([0x1234, -1]);
  });

  it.each([
    ['not-a-wav', new Uint8Array(Buffer.from('ID3 this is something else'))],
    ['not-a-wav', new Uint8Array()],
    ['no-format', wav(SOUND, { formatSize: 4 })],
    [
      'no-format',
      new Uint8Array(Buffer.concat([Buffer.from('RIFF\0\0\0\0WAVE'), chunk('data', 4, Buffer.from(SOUND))])),
    ],
    ['unknown-encoding', wav(SOUND, { encoding: 85 })],
    ['bad-format', wav(SOUND, { channels: 0 })],
    ['bad-format', wav(SOUND, { channels: 60_000 })],
    ['bad-format', wav(SOUND, { rate: 0 })],
    ['bad-format', wav(SOUND, { bits: 0 })],
    ['bad-format', wav(SOUND, { bits: 12 })],
    ['no-sound', wav(new Uint8Array())],
    ['no-sound', wav(SOUND, { before: chunk('junk', 0xff_ff_ff_f0) })],
    ['too-long', wav(new Uint8Array(32_000))],
  ] as const)('that lies is refused: %s', (why, bytes) => {
    expect(readWav(bytes, 1_000)).toEqual({ ok: false, why });
  });

  it('of any bytes at all is read or refused, and never bigger than its bytes', () => {
    const any = fc.tuple(fc.uint8Array({ maxLength: 60 }), fc.array(fc.tuple(fc.nat(60), fc.nat(255))));
    fc.assert(
      fc.property(any, ([sound, changes]) => {
        const bytes = wav(sound);
        for (const [at, to] of changes) bytes[at % bytes.length] = to;
        const read = readWav(bytes);
        if (read.ok) expect(read.samples.length).toBeLessThanOrEqual(bytes.length);
      }),
      { numRuns: 1_000 },
    );
  });
});
