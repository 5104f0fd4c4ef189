// @ts-check
/** @import { PlayQueue } from './play-queue.js' */

/**
 * What waits to be heard, in order, with the marks between. It has no clock: whoever plays takes what is due.
 *
 * @returns {PlayQueue}
 */
export function playQueue() {
  /** @type {(Int16Array | string)[]} Sound, or the name of a mark. */
  let items = [];
  let isPaused = false;

  return {
    play(samples) {
      if (samples.length > 0) items.push(samples);
    },
    mark(name) {
      items.push(name);
    },
    clear() {
      const marks = items.filter((item) => typeof item === 'string');
      items = [];
      isPaused = false;
      return marks;
    },
    pause() {
      isPaused = true;
    },
    resume() {
      isPaused = false;
    },
    take(count) {
      const samples = new Int16Array(count);
      /** @type {string[]} */
      const marks = [];
      let filled = 0;
      // Marks behind the last sample are reached with it.
      while (!isPaused) {
        const item = items[0];
        if (typeof item === 'string') marks.push(item);
        else if (!item || filled === count) break;
        else {
          const part = item.subarray(0, count - filled);
          samples.set(part, filled);
          filled += part.length;
          if (part.length < item.length) {
            items[0] = item.subarray(part.length);
            break;
          }
        }
        items.shift();
      }
      return { samples, filled, marks };
    },
    get waiting() {
      return items.reduce((sum, item) => sum + (typeof item === 'string' ? 0 : item.length), 0);
    },
  };
}
