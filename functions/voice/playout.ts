import { bytesOf, sampleBytes } from './lines/line.ts';
import type { Format } from '../../shared/speech/chunk.ts';
import { beginningOf } from './sentences.ts';

/** Sound for a line, and the words in it. */
export interface Segment {
  readonly text: string;
  readonly sound: Uint8Array;
}

/** What is to be played, and how much of it somebody has heard. Times by a clock that never goes back, milliseconds. */
export interface Playout {
  /** More to be played after what there is. */
  add(segment: Segment): void;
  /** The sound that has to leave now, and how far it reaches; undefined: nothing has to. */
  due(nowMs: number): { readonly sound: Uint8Array; readonly toMs: number } | undefined;
  /** The gateway says that it has played up to here. */
  reached(ms: number, nowMs: number): void;
  /** Stops the clock: nothing is heard any more. `sent`: what left is lost and has to be sent again. */
  hold(nowMs: number, sent: 'kept' | 'lost'): void;
  /** Goes on from where it was held. */
  go(nowMs: number): void;
  heardMs(nowMs: number): number;
  /** The words that were heard. */
  heard(nowMs: number): string;
  /** All that was added, and what of it has left, milliseconds. */
  readonly ofMs: number;
  readonly sentMs: number;
}

/** The clock of what is played on a line, which takes sound up to `aheadMs` before it is heard. */
export function playout(format: Format, aheadMs: number): Playout {
  const perMs = (format.rate * sampleBytes(format)) / 1_000;
  const segments: (Segment & { readonly toMs: number })[] = [];
  let ofMs = 0;
  let sentMs = 0;
  /** So much was heard at this moment; what has left goes on being heard from there. */
  let known = { ms: 0, at: 0 };
  let held = false;

  const heardMs = (nowMs: number) => (held ? known.ms : Math.min(sentMs, known.ms + Math.max(0, nowMs - known.at)));

  return {
    get ofMs() {
      return ofMs;
    },
    get sentMs() {
      return sentMs;
    },
    heardMs,
    add(segment) {
      ofMs += segment.sound.length / perMs;
      segments.push({ ...segment, toMs: ofMs });
    },
    due(nowMs) {
      if (held || sentMs >= ofMs) return undefined;
      const heard = heardMs(nowMs);
      // It has run dry, or begins: time counts from here.
      if (heard >= sentMs) known = { ms: sentMs, at: nowMs };
      const room = Math.min(heard + aheadMs, ofMs) - sentMs;
      // Whole frames, but for the end.
      const ms = sentMs + room >= ofMs ? room : Math.floor(room / FRAME_MS) * FRAME_MS;
      if (ms <= 0) return undefined;
      const sound = cut(sentMs, sentMs + ms);
      sentMs += sound.length / perMs;
      return { sound, toMs: sentMs };
    },
    reached(ms, nowMs) {
      if (!held && ms <= sentMs && ms >= known.ms) known = { ms, at: nowMs };
    },
    hold(nowMs, sent) {
      known = { ms: heardMs(nowMs), at: nowMs };
      held = true;
      if (sent === 'lost') sentMs = known.ms;
    },
    go(nowMs) {
      known = { ms: known.ms, at: nowMs };
      held = false;
    },
    heard(nowMs) {
      const heard = heardMs(nowMs);
      const words: string[] = [];
      let fromMs = 0;
      for (const { text, toMs } of segments) {
        if (heard <= fromMs) break;
        words.push(heard >= toMs ? text : beginningOf(text, (heard - fromMs) / (toMs - fromMs)));
        fromMs = toMs;
      }
      return words.join(' ').trim();
    },
  };

  /** Sound between two times. What has been heard is let go of only with the playback: a few seconds. */
  function cut(fromMs: number, toMs: number): Uint8Array {
    const parts: Uint8Array[] = [];
    let at = 0;
    for (const { sound, toMs: end } of segments) {
      if (end > fromMs && at < toMs) {
        parts.push(
          sound.subarray(bytesOf(format, Math.max(0, fromMs - at)), bytesOf(format, Math.min(end, toMs) - at)),
        );
      }
      at = end;
    }
    return parts.length === 1 ? (parts[0] ?? new Uint8Array()) : Buffer.concat(parts);
  }
}

const FRAME_MS = 20;
