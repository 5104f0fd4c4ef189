import { fromFloats } from '../codecs.ts';
import { initialResampling, resample, type Resampling } from '../rate.ts';
import { readWav, type Recording } from '../wav.ts';
import { atRate } from '../at-rate.ts';
import { formatOf, type Format } from './formats.ts';

/** Why a file is not listened to. */
export type NotHeard = 'not-a-recording' | 'damaged' | 'too-long' | 'too-short';

/** What came of a file: its sound at 8 or 16 kHz, and how it was written. */
export type Decoded =
  | { readonly ok: true; readonly recording: Recording; readonly format: Format }
  | { readonly ok: false; readonly why: NotHeard };

/** A piece of what a decoder gives: channels, from -1 to 1. */
interface Piece {
  readonly channelData: readonly Float32Array[];
  readonly samplesDecoded: number;
  readonly sampleRate: number;
  readonly errors: readonly unknown[];
}

interface Decoder {
  readonly ready: Promise<void>;
  decode(bytes: Uint8Array): Piece | Promise<Piece>;
  flush?(): Promise<Piece>;
  free(): void;
}

/** So little is unpacked at a time: a packet can stand for hundreds of times its size. */
const BYTES_AT_A_TIME = 2_048;
const [LOWEST, HIGHEST] = [4_000, 192_000];
const MAX_CHANNELS = 8;
/** Junk before and after the sound is usual in MP3 files; what is more than this is damage. */
const SHARE_OF_ERRORS = 0.05;
const TELEPHONE = 8_000;
const WIDE = 16_000;
/** More than the filter of `resample` reaches. */
const TAIL = 1_024;

/**
 * Unpacks a recording that anybody may have made, piece by piece: nothing longer than `longestMs` is ever held, however
 * small the file is that stands for it. Not to be trusted with a process that does anything else: the decoders are
 * made of C.
 */
export async function decodeFile(bytes: Uint8Array, longestMs: number): Promise<Decoded> {
  const format = formatOf(bytes);
  if (!format) return { ok: false, why: 'not-a-recording' };
  if (format !== 'wav') return unpacked(bytes, format, longestMs);
  const wav = readWav(bytes, longestMs);
  if (wav.ok) return heard(atRate(wav, wav.rate < WIDE ? TELEPHONE : WIDE), format);
  if (wav.why === 'too-long') return { ok: false, why: 'too-long' };
  return { ok: false, why: wav.why === 'no-sound' ? 'too-short' : 'damaged' };
}

async function unpacked(bytes: Uint8Array, format: Exclude<Format, 'wav'>, longestMs: number): Promise<Decoded> {
  const decoder = await decoderOf(format);
  const pieces: Int16Array[] = [];
  let rate = 0;
  let samples = 0;
  let steps = 0;
  let errors = 0;
  let resampling: Resampling | undefined;
  const take = (piece: Piece): NotHeard | undefined => {
    errors += piece.errors.length > 0 ? 1 : 0;
    if (piece.samplesDecoded === 0) return undefined;
    const { sampleRate, channelData } = piece;
    const isSound = sampleRate >= LOWEST && sampleRate <= HIGHEST && channelData.length <= MAX_CHANNELS;
    if (!isSound || (rate !== 0 && rate !== sampleRate)) return 'damaged';
    rate = sampleRate;
    samples += piece.samplesDecoded;
    if ((samples * 1_000) / rate > longestMs) return 'too-long';
    add(fromFloats(mixed(channelData)));
    return undefined;
  };
  const add = (sound: Int16Array) => {
    const to = rate < WIDE ? TELEPHONE : WIDE;
    if (rate === to) {
      pieces.push(sound);
      return;
    }
    const next = resample(resampling ?? initialResampling(rate), sound, to);
    resampling = next.state;
    pieces.push(next.sound);
  };
  try {
    await decoder.ready;
    for (let at = 0; at < bytes.length; at += BYTES_AT_A_TIME) {
      steps += 1;
      const why = take(await decoder.decode(bytes.subarray(at, at + BYTES_AT_A_TIME)));
      if (why) return { ok: false, why };
    }
    const why = decoder.flush ? take(await decoder.flush()) : undefined;
    if (why) return { ok: false, why };
  } catch {
    return { ok: false, why: 'damaged' };
  } finally {
    decoder.free();
  }
  if (samples === 0 || errors > steps * SHARE_OF_ERRORS) return { ok: false, why: 'damaged' };
  // Silence after the end brings out what the filter still holds.
  if (resampling) add(new Int16Array(TAIL));
  const to = rate < WIDE ? TELEPHONE : WIDE;
  return heard({ rate: to, samples: concatenated(pieces).slice(0, Math.round((samples * to) / rate)) }, format);
}

const heard = (recording: Recording, format: Format): Decoded =>
  recording.samples.length === 0 ? { ok: false, why: 'too-short' } : { ok: true, recording, format };

/** Each loaded when a file wants it. */
async function decoderOf(format: Exclude<Format, 'wav'>): Promise<Decoder> {
  switch (format) {
    case 'flac':
      return new (await import('@wasm-audio-decoders/flac')).FLACDecoder();
    case 'mp3':
      return new (await import('mpg123-decoder')).MPEGDecoder();
    case 'vorbis':
      return new (await import('@wasm-audio-decoders/ogg-vorbis')).OggVorbisDecoder();
    case 'opus':
      return new (await import('ogg-opus-decoder')).OggOpusDecoder();
  }
}

function mixed(channels: readonly Float32Array[]): Float32Array {
  const [first = new Float32Array(0)] = channels;
  if (channels.length === 1) return first;
  return first.map((_, i) => channels.reduce((sum, channel) => sum + (channel[i] ?? 0), 0) / channels.length);
}

function concatenated(pieces: readonly Int16Array[]): Int16Array {
  const all = new Int16Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}
