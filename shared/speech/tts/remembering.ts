import { LRUCache } from 'lru-cache';
import type { Recording } from '../wav.ts';
import type { Voice } from './voice.ts';

const BYTES = 64 * 1024 * 1024;

/**
 * Remembers what was made: bots say the same sentences again and again. Whoever asks for the same at the same time
 * shares one making, which ends when the last of them has gone. `bytes`: of sound that is kept.
 */
export function remembering(voice: Voice, bytes = BYTES): Voice {
  const made = new LRUCache<string, Recording>({
    maxSize: bytes,
    sizeCalculation: ({ samples }) => samples.byteLength + OVERHEAD,
  });
  const making = new Map<
    string,
    { readonly speech: Promise<Recording>; readonly stop: AbortController; waiting: number }
  >();

  const make = (key: string, text: string, locale: string) => {
    const stop = new AbortController();
    const speech = voice.say(text, locale, stop.signal).then((spoken) => {
      made.set(key, spoken);
      return spoken;
    });
    const under = { speech, stop, waiting: 0 };
    const over = () => {
      if (making.get(key) === under) making.delete(key);
    };
    speech.then(over, over);
    making.set(key, under);
    return under;
  };
  return {
    name: voice.name,
    async say(text, locale, signal) {
      const key = `${locale}\n${text}`;
      const before = made.get(key);
      if (before) return before;
      signal.throwIfAborted();
      const under = making.get(key) ?? make(key, text, locale);
      under.waiting++;
      const leave = () => {
        under.waiting--;
        if (under.waiting > 0) return;
        under.stop.abort();
        if (making.get(key) === under) making.delete(key);
      };
      signal.addEventListener('abort', leave, { once: true });
      try {
        return await under.speech;
      } finally {
        signal.removeEventListener('abort', leave);
      }
    },
  };
}

const OVERHEAD = 512;
