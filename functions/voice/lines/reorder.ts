import type { Format } from '../../../shared/speech/chunk.ts';
import { silenceByte } from './framing.ts';
import { bytesOf, sampleBytes } from './line.ts';

/** What was wrong with the frames of a call. */
export type Flaw =
  /** Frames that never came; so much silence stands for them. */
  | { readonly kind: 'lost'; readonly frames: number; readonly ms: number }
  | { readonly kind: 'doubled' }
  | { readonly kind: 'late' }
  /** The gateway began to count anew. */
  | { readonly kind: 'recounted' }
  | { readonly kind: 'refused'; readonly why: 'empty' | 'odd-size' | 'too-long' };

/** Sound in the order in which it was spoken, and what was wrong on the way. */
export interface Ordered {
  readonly sound: readonly Uint8Array[];
  readonly flaws: readonly Flaw[];
}

/** Puts the frames of one call in order. Holds at most `WINDOW_FRAMES` frames of at most a second. */
export interface Reorder {
  take(sound: Uint8Array, sequence?: number): Ordered;
  /** At the end of the call: what still waits. */
  rest(): Ordered;
  /** Sound given out so far, in milliseconds: the time of the call, whatever any clock says. */
  readonly givenMs: number;
  /** The last frame that was given out (0: none), for those who can send again. */
  readonly lastSequence: number;
}

/** A frame is waited for until so many that follow it are there: 200 ms of the usual 20 ms. */
export const WINDOW_FRAMES = 10;
/** A gap is filled with at most so much silence: what is longer is a hole in the call, not in a word. */
export const LONGEST_FILL_MS = 1_000;
const LONGEST_FRAME_MS = 1_000;
const USUAL_FRAME_MS = 20;

/**
 * Order by the gateway's own count where it has one; frames without a count are taken as they come. `after` is the
 * last frame that is already known, when a stream is resumed.
 */
export function reorder(format: Format, after?: number): Reorder {
  const waiting = new Map<number, Uint8Array>();
  let next = after === undefined ? undefined : after + 1;
  let lateInARow = 0;
  let frameBytes = bytesOf(format, USUAL_FRAME_MS);
  let givenBytes = 0;

  const give = (sound: Uint8Array): Uint8Array => {
    givenBytes += sound.length;
    return sound;
  };
  const milliseconds = (bytes: number) => (bytes / sampleBytes(format) / format.rate) * 1_000;

  /** Everything that follows without a gap. */
  function follow(): Uint8Array[] {
    const sound: Uint8Array[] = [];
    while (next !== undefined) {
      const frame = waiting.get(next);
      if (!frame) break;
      waiting.delete(next);
      next += 1;
      frameBytes = frame.length;
      sound.push(give(frame));
    }
    return sound;
  }

  /** Gives up waiting: silence up to the first frame that is there, and what follows it. */
  function skip(): Ordered {
    const first = Math.min(...waiting.keys());
    const frames = first - (next ?? first);
    const fill = Math.min(frames * frameBytes, bytesOf(format, LONGEST_FILL_MS));
    const silence = give(new Uint8Array(fill).fill(silenceByte(format)));
    next = first;
    return { sound: [silence, ...follow()], flaws: [{ kind: 'lost', frames, ms: Math.round(milliseconds(fill)) }] };
  }

  function count(sound: Uint8Array, sequence: number): Ordered {
    // Some count from 0, some from 1, and the first to arrive may not be the first that was sent.
    next ??= sequence > 0 && sequence <= WINDOW_FRAMES ? 1 : sequence;
    if (sequence < next) {
      lateInARow += 1;
      if (lateInARow <= WINDOW_FRAMES) return { sound: [], flaws: [{ kind: 'late' }] };
      const held = drain();
      lateInARow = 0;
      next = sequence + 1;
      return { sound: [...held.sound, give(sound)], flaws: [...held.flaws, { kind: 'recounted' }] };
    }
    lateInARow = 0;
    if (waiting.has(sequence)) return { sound: [], flaws: [{ kind: 'doubled' }] };
    waiting.set(sequence, sound);
    const followed = follow();
    if (waiting.size <= WINDOW_FRAMES) return { sound: followed, flaws: [] };
    const skipped = skip();
    return { sound: [...followed, ...skipped.sound], flaws: skipped.flaws };
  }

  function drain(): Ordered {
    const sound: Uint8Array[] = [];
    const flaws: Flaw[] = [];
    while (waiting.size > 0) {
      const skipped = skip();
      sound.push(...skipped.sound);
      flaws.push(...skipped.flaws);
    }
    return { sound, flaws };
  }

  return {
    take(sound, sequence) {
      const why = refusal(sound, format);
      if (why) return { sound: [], flaws: [{ kind: 'refused', why }] };
      return sequence === undefined ? { sound: [give(sound)], flaws: [] } : count(sound, sequence);
    },
    rest: drain,
    get givenMs() {
      return milliseconds(givenBytes);
    },
    get lastSequence() {
      return (next ?? 1) - 1;
    },
  };
}

function refusal(sound: Uint8Array, format: Format): 'empty' | 'odd-size' | 'too-long' | undefined {
  if (sound.length === 0) return 'empty';
  if (sound.length % sampleBytes(format) !== 0) return 'odd-size';
  return sound.length > bytesOf(format, LONGEST_FRAME_MS) ? 'too-long' : undefined;
}
