import { toLinear } from './codecs.ts';

/** A recording: one channel, 16 bits. */
export interface Recording {
  /** Samples a second. */
  readonly rate: number;
  readonly samples: Int16Array;
}

/** Why bytes were not read as a WAV file. */
export type NoWav = 'not-a-wav' | 'no-format' | 'unknown-encoding' | 'bad-format' | 'no-sound' | 'too-long';

/** What stands before the samples of a file that is written here. */
export const WAV_HEADER_BYTES = 44;
const PCM = 1;
const FLOAT = 3;
const ALAW = 6;
const MULAW = 7;
const EXTENSIBLE = 0xff_fe;
const MAX_CHANNELS = 8;
const [LOWEST, HIGHEST] = [4_000, 192_000];

/**
 * Reads a WAV file that anybody may have made: linear in 8 to 32 bits, float, A-law or mu-law; channels are mixed into
 * one. Sizes in the header are believed only as far as there are bytes, since recorders that write as they go leave
 * them wrong. Nothing bigger than the bytes, or than `longestMs` of sound, is made of them.
 */
export function readWav(
  bytes: Uint8Array,
  longestMs = 7_200_000,
): ({ readonly ok: true } & Recording) | { readonly ok: false; readonly why: NoWav } {
  const no = (why: NoWav) => ({ ok: false, why }) as const;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (bytes.length < 12 || name(bytes, 0) !== 'RIFF' || name(bytes, 8) !== 'WAVE') return no('not-a-wav');
  let header: Header | undefined;
  for (let at = 12; at + 8 <= bytes.length;) {
    const chunk = name(bytes, at);
    const size = view.getUint32(at + 4, true);
    const body = at + 8;
    if (chunk === 'fmt ') {
      if (size < 16 || body + 16 > bytes.length) return no('no-format');
      header = headerAt(view, body, size);
    } else if (chunk === 'data') {
      if (!header) return no('no-format');
      const wrong = wrongIn(header);
      if (wrong) return no(wrong);
      const frame = (header.bits / 8) * header.channels;
      // Those that write as they go leave 0, or all ones.
      const sound = bytes.subarray(body, size === 0 ? undefined : body + size);
      const frames = Math.floor(sound.length / frame);
      if (frames === 0) return no('no-sound');
      if ((frames / header.rate) * 1_000 > longestMs) return no('too-long');
      return {
        ok: true,
        rate: header.rate,
        samples: mixed(samplesOf(sound.subarray(0, frames * frame), header), header),
      };
    }
    at = body + size + (size % 2);
  }
  return no(header ? 'no-sound' : 'no-format');
}

/** A WAV file of one channel in 16 bits. */
export function writeWav({ rate, samples }: Recording): Uint8Array {
  const bytes = new Uint8Array(WAV_HEADER_BYTES + samples.length * 2);
  bytes.set(wavHeader(rate, samples.length));
  const view = new DataView(bytes.buffer);
  samples.forEach((sample, i) => {
    view.setInt16(WAV_HEADER_BYTES + 2 * i, sample, true);
  });
  return bytes;
}

/** The beginning of a WAV file with so many samples of one channel in 16 bits. */
export function wavHeader(rate: number, samples: number): Uint8Array<ArrayBuffer> {
  const sound = samples * 2;
  const bytes = new Uint8Array(WAV_HEADER_BYTES);
  const view = new DataView(bytes.buffer);
  const text = (at: number, of: string) => {
    bytes.set(Buffer.from(of, 'latin1'), at);
  };
  text(0, 'RIFF');
  view.setUint32(4, WAV_HEADER_BYTES - 8 + sound, true);
  text(8, 'WAVEfmt ');
  view.setUint32(16, 16, true);
  view.setUint16(20, PCM, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, rate, true);
  view.setUint32(28, rate * 2, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  text(36, 'data');
  view.setUint32(40, sound, true);
  return bytes;
}

interface Header {
  readonly encoding: number;
  readonly channels: number;
  readonly rate: number;
  readonly bits: number;
}

const name = (bytes: Uint8Array, at: number): string => String.fromCharCode(...bytes.subarray(at, at + 4));

function headerAt(view: DataView, at: number, size: number): Header {
  const encoding = view.getUint16(at, true);
  // The extensible kind has the encoding as the first two bytes of a GUID.
  const isLong = encoding === EXTENSIBLE && size >= 26 && at + 26 <= view.byteLength;
  return {
    encoding: isLong ? view.getUint16(at + 24, true) : encoding,
    channels: view.getUint16(at + 2, true),
    rate: view.getUint32(at + 4, true),
    bits: view.getUint16(at + 14, true),
  };
}

const BITS: Readonly<Record<number, readonly number[]>> = {
  [PCM]: [8, 16, 24, 32],
  [FLOAT]: [32, 64],
  [ALAW]: [8],
  [MULAW]: [8],
};

function wrongIn({ encoding, channels, rate, bits }: Header): NoWav | undefined {
  if (!BITS[encoding]) return 'unknown-encoding';
  const isSound = BITS[encoding].includes(bits) && channels >= 1 && channels <= MAX_CHANNELS;
  return isSound && rate >= LOWEST && rate <= HIGHEST ? undefined : 'bad-format';
}

function samplesOf(sound: Uint8Array, { encoding, bits }: Header): Int16Array {
  if (encoding === MULAW || encoding === ALAW) return toLinear(sound, encoding === MULAW ? 'mulaw' : 'alaw');
  if (encoding === PCM && bits === 16) return toLinear(sound, 'l16');
  const view = new DataView(sound.buffer, sound.byteOffset, sound.length);
  const bytes = bits / 8;
  return Int16Array.from({ length: sound.length / bytes }, (_, i) => {
    const at = i * bytes;
    if (encoding === FLOAT)
      return loudest((bits === 32 ? view.getFloat32(at, true) : view.getFloat64(at, true)) * 32_768);
    // Of longer samples the two highest bytes; those of one byte have their zero at 128.
    return bits === 8 ? (view.getUint8(at) - 128) << 8 : view.getInt16(at + bytes - 2, true);
  });
}

const loudest = (value: number): number => Math.max(-32_768, Math.min(32_767, Math.round(value)));

function mixed(samples: Int16Array, { channels }: Header): Int16Array {
  if (channels === 1) return samples;
  return Int16Array.from({ length: samples.length / channels }, (_, i) => {
    let sum = 0;
    for (let channel = 0; channel < channels; channel += 1) sum += samples[i * channels + channel] ?? 0;
    return Math.round(sum / channels);
  });
}
