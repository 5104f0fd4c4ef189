import * as v from 'valibot';
import { fromLinear } from '../codecs.ts';
import type { Engine } from '../engine.ts';
import { badSetting, failed, MOST_TEXT, nameOf, remoteAt, tidied } from './remote.ts';
import { connected, type Socket } from './socket.ts';

const MODES = ['2pass', 'online', 'offline'] as const;
type Mode = (typeof MODES)[number];

const Answer = v.object({
  mode: v.optional(v.string()),
  text: v.string(),
  is_final: v.optional(v.boolean(), false),
});

/** Frames of 60 ms: before, in and after a piece that is decoded. 600 ms at a time, 300 ms ahead. */
const CHUNKS = [5, 10, 5];
/** Servers in Python never say that something is final: after the last pass and this long, nothing more comes. */
const QUIET_MS = 500;
const END = JSON.stringify({ is_speaking: false });

/**
 * A FunASR runtime (its WebSocket protocol): in `2pass`, words come while somebody speaks and are replaced by better
 * ones at the end; `online` has the first only, `offline` the second. `where`: `wss://host:10095#mode=2pass&languages=zh+en`.
 */
export function openFunasr(where: string): Promise<Engine> {
  const remote = remoteAt(where, ['ws:', 'wss:']);
  const open = new Set<Socket>();
  const mode = MODES.find((known) => known === (remote.more.get('mode') ?? '2pass'));
  if (!mode) throw badSetting(`FunASR has the modes ${MODES.join(', ')}`);
  const { languages, rate } = remote;
  const streaming = mode !== 'offline';
  return Promise.resolve({
    capabilities: { model: nameOf('funasr', remote), languages, rate, streaming, state: 'cached', words: false },
    async begin() {
      const socket = await connected(remote, ['binary']);
      open.add(socket);
      socket.send(JSON.stringify(opening(mode, rate)));
      const told = textsOf(mode);
      let isEmpty = true;
      return {
        async hear(sound, signal) {
          if (sound.length > 0) {
            isEmpty = false;
            socket.send(fromLinear(sound, 'l16'));
            await socket.taken(signal);
          }
          for (const message of socket.come()) told.take(message);
          return told.text();
        },
        async finish(signal) {
          if (isEmpty) return { text: '', confidence: 1 };
          socket.send(END);
          for (let done = false, limitMs = remote.timeoutMs; !done;) {
            const message = await socket.next(signal, limitMs).catch((error: unknown) => {
              if (limitMs === QUIET_MS && !signal?.aborted) return undefined;
              throw error;
            });
            if (!message) break;
            const { last, isFinal } = told.take(message);
            done = isFinal;
            if (last) limitMs = QUIET_MS;
          }
          return { text: told.text(), confidence: 1 };
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

const opening = (mode: Mode, rate: number) => ({
  mode,
  wav_name: 'utterance',
  is_speaking: true,
  wav_format: 'pcm',
  audio_fs: rate,
  chunk_size: CHUNKS,
  itn: true,
});

/** Puts the answers together: pieces of the first pass one after the other, until the second pass replaces them. */
function textsOf(mode: Mode) {
  let sure = '';
  let first = '';
  return {
    text: () => tidied(sure + first),
    take(message: unknown): { readonly last: boolean; readonly isFinal: boolean } {
      const answer = v.safeParse(Answer, message);
      if (!answer.success) throw failed('answers what it does not say in its protocol');
      const { text, is_final: isFinal } = answer.output;
      const pass = answer.output.mode ?? mode;
      if (pass.endsWith('offline')) {
        sure += text;
        first = '';
      } else first += text;
      if (sure.length + first.length > MOST_TEXT) throw failed('says too much');
      return { last: pass.endsWith('offline') || mode === 'online', isFinal };
    },
  };
}
