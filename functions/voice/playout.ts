import type { Format } from '../../shared/speech/chunk.ts';
import { sampleBytes } from './lines/line.ts';
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
  /** While it is held: somebody knows better how much was heard; it goes on from there. */
  since(ms: number): void;
  /** Goes on from where it was held. */
  go(nowMs: number): void;
  heardMs(nowMs: number): number;
  /** The words that were heard. */
  heard(nowMs: number): string;
  /** How long all is that was added, in milliseconds. */
  readonly ofMs: number;
  /** All that was added has left. */
  readonly isSent: boolean;
}

const FRAME_MS = 20;

/** The clock of what is played on a line, which takes sound up to `aheadMs` before it is heard; begins at `fromMs`. */
export function playout(format: Format, aheadMs: number, fromMs = 0): Playout {
  const bytes = sampleBytes(format);
  const perMs = format.rate / 1_000;
  const frame = FRAME_MS * perMs;
  const segments: (Segment & { readonly to: number })[] = [];
  // In samples, so that nothing is ever left over.
  let all = 0;
  let sent = Math.round(fromMs * perMs);
  /** So much was heard at this moment; what has left goes on being heard from there. */
  let known = { ms: fromMs, at: 0 };
  let held = false;

  const heardMs = (nowMs: number) =>
    held ? known.ms : Math.min(sent / perMs, known.ms + Math.max(0, nowMs - known.at));

  return {
    get ofMs() {
      return all / perMs;
    },
    get isSent() {
      return sent >= all;
    },
    heardMs,
    add(segment) {
      all += Math.floor(segment.sound.length / bytes);
      segments.push({ ...segment, to: all });
    },
    due(nowMs) {
      if (held || sent >= all) return undefined;
      const heard = heardMs(nowMs);
      // It has run dry, or begins: time counts from here.
      if (heard >= sent / perMs) known = { ms: sent / perMs, at: nowMs };
      const room = Math.floor((heard + aheadMs) * perMs) - sent;
      // Whole frames, but for the end.
      const count = room >= all - sent ? all - sent : Math.floor(room / frame) * frame;
      if (count <= 0) return undefined;
      const sound = cut(sent, sent + count);
      sent += count;
      return { sound, toMs: sent / perMs };
    },
    reached(ms, nowMs) {
      if (!held && ms * perMs <= sent && ms >= known.ms) known = { ms, at: nowMs };
    },
    hold(nowMs, kept) {
      known = { ms: heardMs(nowMs), at: nowMs };
      held = true;
      if (kept === 'lost') sent = Math.min(sent, Math.round(known.ms * perMs));
    },
    since(ms) {
      if (!held || ms * perMs > all) return;
      known = { ...known, ms };
      sent = Math.round(ms * perMs);
    },
    go(nowMs) {
      known = { ms: known.ms, at: nowMs };
      held = false;
    },
    heard(nowMs) {
      const heard = heardMs(nowMs) * perMs;
      const words: string[] = [];
      let from = 0;
      for (const { text, to } of segments) {
        if (heard <= from) break;
        words.push(heard >= to ? text : beginningOf(text, (heard - from) / (to - from)));
        from = to;
      }
      return words.join(' ').trim();
    },
  };

  /** Samples between two places. What has been heard is let go of only with the playback: some seconds. */
  function cut(from: number, to: number): Uint8Array {
    const parts: Uint8Array[] = [];
    let at = 0;
    for (const { sound, to: end } of segments) {
      if (end > from && at < to) {
        parts.push(sound.subarray(Math.max(0, from - at) * bytes, (Math.min(end, to) - at) * bytes));
      }
      at = end;
    }
    return parts.length === 1 ? (parts[0] ?? new Uint8Array()) : Buffer.concat(parts);
  }
}
