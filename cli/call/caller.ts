import { playQueue } from '../../console/page/play-queue.js';
import type { CallerLine } from './line.ts';

const FRAME_MS = 20;
const TICK_MS = 10;
/** A platform lets so much more sound come than time has passed; it lets a little more. */
const MOST_AHEAD_MS = 10_000;
const FAST = 5;

/** Somebody who calls: says what he is given, and hears what comes, by the clock. */
export interface Caller {
  /** Says it, and resolves when the last of it has been sent. In between there is silence. */
  say(samples: Int16Array): Promise<void>;
  press(digits: string): Promise<void>;
  hear(samples: Int16Array): void;
  mark(name: string): void;
  /** Throws away what waits to be heard. */
  clear(): void;
  pause(): void;
  resume(): void;
  stop(): void;
  /** Milliseconds since the line was opened. */
  readonly nowMs: number;
  /** Everything that was heard, in its time. */
  heard(): Int16Array;
}

export interface CallerOptions {
  readonly line: CallerLine;
  /** Faster than the clock, for as long as the platform takes it. */
  readonly isFast: boolean;
  readonly onMark: (name: string) => void;
}

/** Begins to send, silence first. */
export function caller({ line, isFast, onMark }: CallerOptions): Caller {
  const size = (line.rate * FRAME_MS) / 1_000;
  const queue = playQueue();
  const frames: Int16Array[] = [];
  const toSay: { readonly samples: Int16Array; at: number; readonly done: () => void }[] = [];
  const began = performance.now();
  let sent = 0;
  let ahead = 0;

  const next = (): Int16Array => {
    const frame = new Int16Array(size);
    const [saying] = toSay;
    if (!saying) return frame;
    frame.set(saying.samples.subarray(saying.at, saying.at + size));
    saying.at += size;
    if (saying.at >= saying.samples.length) {
      toSay.shift();
      saying.done();
    }
    return frame;
  };
  const pass = () => {
    line.send(next());
    sent += 1;
    const { samples, marks } = queue.take(size);
    frames.push(samples);
    for (const name of marks) {
      line.reached(name);
      onMark(name);
    }
  };
  const elapsed = () => performance.now() - began;
  const ticking = setInterval(() => {
    for (const due = Math.floor((elapsed() + ahead) / FRAME_MS); sent < due;) pass();
    for (let extra = 1; isFast && extra < FAST && hasHaste(); extra += 1) {
      ahead += FRAME_MS;
      pass();
    }
  }, TICK_MS);
  const hasHaste = () => ahead < MOST_AHEAD_MS && (toSay.length > 0 || queue.waiting > 0);

  return {
    say: (samples) => new Promise((done) => toSay.push({ samples, at: 0, done })),
    async press(digits) {
      const gap = new Int16Array((line.rate * 150) / 1_000);
      for (const digit of digits) {
        line.press(digit);
        await this.say(gap);
      }
    },
    hear: queue.play,
    mark: queue.mark,
    clear() {
      line.cleared(queue.clear());
    },
    pause: queue.pause,
    resume: queue.resume,
    stop() {
      clearInterval(ticking);
      for (const { done } of toSay.splice(0)) done();
    },
    get nowMs() {
      return Math.round(elapsed());
    },
    heard() {
      const all = new Int16Array(frames.length * size);
      frames.forEach((frame, i) => {
        all.set(frame, i * size);
      });
      return all;
    },
  };
}
