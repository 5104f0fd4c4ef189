import type { WriteStream } from 'node:tty';
import { number } from './terminal.ts';

const WIDTH = 28;
const EVERY_MS = 80;
const CLEAR_LINE = '\r\u001b[K';

export interface Progress {
  /** The part that is done, from 0 to 1, and how many things that is. */
  readonly show: (part: number, count: number) => void;
  /** Takes the bar away. */
  readonly done: () => void;
}

/** A bar on standard error while a command works; nothing where that is no terminal. */
export function progressBar(what: string, to: WriteStream = process.stderr, now: () => number = Date.now): Progress {
  if (!to.isTTY) return { show: () => undefined, done: () => undefined };
  let shown = -Infinity;
  return {
    show(part, count) {
      if (now() - shown < EVERY_MS) return;
      shown = now();
      const full = Math.round(Math.min(1, part) * WIDTH);
      const bar = '█'.repeat(full) + '░'.repeat(WIDTH - full);
      to.write(`${CLEAR_LINE}${bar} ${String(Math.floor(part * 100)).padStart(3)} %  ${number(count)} ${what}`);
    },
    done: () => {
      if (shown > -Infinity) to.write(CLEAR_LINE);
    },
  };
}
