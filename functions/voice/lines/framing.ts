import type { Format } from '../../../shared/speech/chunk.ts';

/** Cuts what is to be played into frames of one length. */
export interface Framing {
  readonly frameBytes: number;
  /** The whole frames so far, as one piece; the rest waits. */
  whole(sound: Uint8Array): Uint8Array;
  /** The rest, filled up with silence; empty where there is none. */
  rest(): Uint8Array;
  /** Forgets the rest. */
  drop(): void;
}

/** The byte that is silence: both laws write zero otherwise than zero. */
export const silenceByte = ({ codec }: Format): number => ({ mulaw: 0xff, alaw: 0xd5, l16: 0 })[codec];

/** Frames of `frameBytes` for gateways that drop what does not fill one. */
export function framing(format: Format, frameBytes: number): Framing {
  let waiting: Uint8Array = new Uint8Array();
  return {
    frameBytes,
    whole(sound) {
      const all = waiting.length === 0 ? sound : Buffer.concat([waiting, sound]);
      const end = all.length - (all.length % frameBytes);
      // A copy: the sound belongs to whoever called.
      waiting = new Uint8Array(all.subarray(end));
      return all.subarray(0, end);
    },
    rest() {
      if (waiting.length === 0) return waiting;
      const frame = new Uint8Array(frameBytes).fill(silenceByte(format));
      frame.set(waiting);
      waiting = new Uint8Array();
      return frame;
    },
    drop() {
      waiting = new Uint8Array();
    },
  };
}

/** Pieces of at most so many bytes, in order; views of the sound. */
export function pieces(sound: Uint8Array, most: number): readonly Uint8Array[] {
  return Array.from({ length: Math.ceil(sound.length / most) }, (_, i) => sound.subarray(i * most, (i + 1) * most));
}
