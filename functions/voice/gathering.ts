import type { Format } from '../../shared/speech/chunk.ts';
import { bytesOf, sampleBytes } from './lines/line.ts';

/** Sound that was gathered, and when it began, in milliseconds of sound since the call did. */
export interface Piece {
  readonly fromMs: number;
  readonly sound: Uint8Array;
  /** Where it ends, in bytes since the call began. */
  readonly toByte: number;
}

/** Small frames gathered into pieces of one length. Time is counted in samples, so it never drifts. */
export interface Gathering {
  /** The pieces that became whole. */
  add(sound: Uint8Array): readonly Piece[];
  /** What is left; undefined where there is nothing. */
  rest(): Piece | undefined;
  /** How much was added, in milliseconds, and in bytes. */
  readonly ms: number;
  readonly bytes: number;
}

/** Gathers sound of a format into pieces of so many milliseconds. `before`: bytes that are in pieces already. */
export function gathering(format: Format, pieceMs: number, before = 0): Gathering {
  const most = bytesOf(format, pieceMs);
  const perMs = (format.rate * sampleBytes(format)) / 1_000;
  let piece = Buffer.alloc(most);
  let filled = 0;
  let total = before;

  const cut = (): Piece => {
    const done = { fromMs: Math.round((total - filled) / perMs), sound: piece.subarray(0, filled), toByte: total };
    piece = Buffer.alloc(most);
    filled = 0;
    return done;
  };
  return {
    add(sound) {
      const pieces: Piece[] = [];
      for (let from = 0; from < sound.length;) {
        const part = sound.subarray(from, from + most - filled);
        piece.set(part, filled);
        filled += part.length;
        total += part.length;
        from += part.length;
        if (filled === most) pieces.push(cut());
      }
      return pieces;
    },
    rest: () => (filled > 0 ? cut() : undefined),
    get ms() {
      return Math.round(total / perMs);
    },
    get bytes() {
      return total;
    },
  };
}
