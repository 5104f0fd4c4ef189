import * as v from 'valibot';
import { fromLinear } from '../codecs.ts';
import type { Engine, HeardWord } from '../engine.ts';
import { failed, MOST_TEXT, nameOf, remoteAt, tidied, unavailable } from './remote.ts';
import { connected, type Socket } from './socket.ts';

const number = v.pipe(v.number(), v.finite());
const Word = v.object({ word: v.string(), start: number, end: number, conf: v.optional(number, 1) });
const Partial = v.object({ partial: v.string() });
const Result = v.object({ text: v.string(), result: v.optional(v.array(Word), []) });

/** Compared letter by letter by the server. */
const END = '{"eof" : 1}';

/**
 * A Vosk server (alphacep/vosk-server, its WebSocket protocol): sound goes out as it is, and every message of sound has
 * one answer. `where`: `ws://host:2700#languages=en&rate=8000`; the server has one model, and does not tell which.
 */
export function openVosk(where: string): Promise<Engine> {
  const remote = remoteAt(where, ['ws:', 'wss:']);
  const open = new Set<Socket>();
  const { languages, rate } = remote;
  return Promise.resolve({
    capabilities: { model: nameOf('vosk', remote), languages, rate, streaming: true, state: 'cached', words: true },
    async begin() {
      const socket = await connected(remote);
      open.add(socket);
      socket.send(JSON.stringify({ config: { sample_rate: rate, words: 1, max_alternatives: 0 } }));
      let heard: readonly v.InferOutput<typeof Word>[] = [];
      let said = '';
      let now = '';
      /** Takes in an answer. The server ends a sentence by itself where somebody pauses, and begins a new one. */
      const take = (answer: unknown) => {
        const partial = v.safeParse(Partial, answer);
        if (partial.success) now = partial.output.partial;
        else {
          const result = v.safeParse(Result, answer);
          if (!result.success) throw failed('answers what it does not say in its protocol');
          heard = [...heard, ...result.output.result];
          said = tidied(`${said} ${result.output.text}`);
          now = '';
        }
        if (said.length + now.length > MOST_TEXT) throw failed('says too much');
      };
      const answer = async (signal: AbortSignal | undefined) => {
        const message = await socket.next(signal);
        if (!message) throw unavailable('hung up');
        take(message);
      };
      return {
        async hear(sound, signal) {
          if (sound.length > 0) {
            socket.send(fromLinear(sound, 'l16'));
            await answer(signal);
          }
          return tidied(`${said} ${now}`);
        },
        async finish(signal) {
          socket.send(END);
          await answer(signal);
          const words = heard.map(wordOf);
          const sure = heard.reduce((sum, { conf }) => sum + conf, 0) / Math.max(1, heard.length);
          const confidence = heard.length === 0 ? 1 : Math.min(1, Math.max(0, sure));
          // Times of words without words would be of no use.
          return { text: said, confidence, ...(tellsAll(words, said) && { words }) };
        },
        save: () => undefined,
        close() {
          open.delete(socket);
          socket.close();
        },
      };
    },
    close() {
      for (const socket of open) socket.close();
      return Promise.resolve();
    },
  });
}

const wordOf = ({ word, start, end }: v.InferOutput<typeof Word>): HeardWord => {
  const fromMs = Math.max(0, Math.round(start * 1_000));
  return { text: word, fromMs, toMs: Math.max(fromMs, Math.round(end * 1_000)) };
};

const tellsAll = (words: readonly HeardWord[], text: string): boolean =>
  words.length > 0 && words.map((word) => word.text).join('') === text.replaceAll(' ', '');
