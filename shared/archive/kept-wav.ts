import type { SoundCipher } from '../speech/audio-wire.ts';
import type { CallRef } from '../speech/chunk.ts';
import { fromLinear, toLinear } from '../speech/codecs.ts';
import { WAV_HEADER_BYTES, wavHeader } from '../speech/wav.ts';
import type { ObjectStore } from './objects.ts';
import { openPart, type CallSound } from './sound.ts';

/** What reading kept sound needs. */
export interface KeptSoundOptions {
  readonly objects: ObjectStore;
  readonly cipher?: SoundCipher | undefined;
}

/** A kept call as a WAV file of one channel in 16 bits, of which any stretch can be read. */
export interface KeptWav {
  /** Of the whole file. */
  readonly bytes: number;
  /**
   * The bytes from one place up to another; silence where nothing was kept. Holds one part of the call at a time. Fails
   * with `session.erased` (never).
   */
  between(from: number, to: number): AsyncGenerator<Uint8Array<ArrayBuffer>, void>;
}

/** The sound of a call as far as it was kept. */
export function keptWav(options: KeptSoundOptions, ref: CallRef, { codec, rate, parts }: CallSound): KeptWav {
  const sampleAt = (ms: number) => Math.round((ms * rate) / 1_000);
  const samples = sampleAt(parts.at(-1)?.toMs ?? 0);
  return {
    bytes: WAV_HEADER_BYTES + samples * 2,
    async *between(from, to) {
      /** Of a piece of the file that begins at a byte, what is wanted. */
      const wanted = (at: number, piece: Uint8Array<ArrayBuffer>) =>
        piece.subarray(Math.max(0, Math.min(from - at, piece.length)), Math.max(0, to - at));
      yield wanted(0, wavHeader(rate, samples));
      let at = WAV_HEADER_BYTES;
      for (const part of parts) {
        const begins = WAV_HEADER_BYTES + 2 * sampleAt(part.fromMs);
        const ends = WAV_HEADER_BYTES + 2 * sampleAt(part.toMs);
        yield* silence(Math.max(at, from), Math.min(begins, to));
        if (ends > from && begins < to) {
          const sound = await openPart(options, ref, part);
          const piece = new Uint8Array(ends - begins);
          if (sound) piece.set(fromLinear(toLinear(sound, codec), 'l16').subarray(0, piece.length));
          yield wanted(begins, piece);
        }
        at = ends;
      }
    },
  };
}

const SILENCE_BYTES = 64 * 1_024;

function* silence(from: number, to: number): Generator<Uint8Array<ArrayBuffer>, void> {
  for (let left = to - from; left > 0; left -= SILENCE_BYTES) yield new Uint8Array(Math.min(left, SILENCE_BYTES));
}
