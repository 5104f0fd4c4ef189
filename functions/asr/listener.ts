import { LRUCache } from 'lru-cache';
import { PlatformError } from '../../shared/errors/index.ts';
import type { AudioLog } from '../../shared/speech/audio-log.ts';
import { audioSubject, type CallRef, type StoredChunk } from '../../shared/speech/chunk.ts';
import { readHearing, writeHearing } from '../../shared/speech/hearing.ts';
import type { HearingStore } from '../../shared/speech/hearing-store.ts';
import { listening, type Effect, type Listeners, type Listening } from '../../shared/speech/listening.ts';
import { storyOf, type Story, type Writing } from './story.ts';

/** How often the state of a call in which nothing happens is written, in milliseconds of its sound. */
const WRITE_EVERY_MS = 500;
/** A call of which nothing was heard for so long is read again when something is. */
const FORGOTTEN_AFTER_MS = 60_000;
const ATTEMPTS = 10;

export interface ListenerOptions extends Omit<Listeners, 'audio'>, Writing {
  readonly audio: AudioLog;
  readonly hearing: HearingStore;
  /** The name of this process: stands in the states that it writes. */
  readonly self: string;
  /** Calls that are kept at hand. */
  readonly calls: number;
  /** The words of an open utterance have changed. Nobody waits for it. */
  readonly announce: (ref: CallRef, partial: Extract<Effect, { kind: 'partial' }>) => void;
}

/** Listens to calls. Everything it remembers is a cache: any other process goes on from what is written. */
export interface Listener {
  /** Whether the call is at hand, up to which position; 0: it is not. */
  reached(ref: CallRef): number;
  /** Who has the call at hand as far as is written, if it is another process than this one. */
  ownerOf(ref: CallRef): Promise<string | undefined>;
  /**
   * Listens to a call up to this chunk. What happened stands in the log once it resolves; a chunk that was listened to
   * before, by whomever, changes nothing. Chunks of one call wait for one another. Fails as the log does.
   *
   * @param options `skip`: processes have died over this chunk. Nobody listens to it, or to its utterance.
   */
  hear(ref: CallRef, chunk: StoredChunk, options?: { readonly skip: boolean }): Promise<void>;
  /** Writes down what is at hand. */
  close(): Promise<void>;
}

interface AtHand {
  readonly listening: Listening;
  readonly story: Story;
  /** Where its state stands. */
  written: number;
  /** Up to which sound it was written. */
  writtenMs: number;
}

export function listener(options: ListenerOptions): Listener {
  const { audio, hearing, self, announce } = options;
  const calls = new LRUCache<string, AtHand>({
    max: options.calls,
    ttl: FORGOTTEN_AFTER_MS,
    ttlResolution: 1_000,
    updateAgeOnGet: true,
    dispose: ({ listening: it }) => {
      it.close();
    },
  });
  const queues = new Map<string, Promise<void>>();

  const open = async (ref: CallRef, key: string, chunk: StoredChunk, isNew: boolean): Promise<AtHand> => {
    const known = calls.get(key);
    if (known) return known;
    const kept = isNew ? undefined : await hearing.read(ref);
    const story = await storyOf(options, ref);
    const state = kept && readHearing(kept.state).state;
    const call: AtHand = {
      listening: listening(ref, options, state, chunk.number === 1 ? 0 : story.begun),
      story,
      written: kept?.position ?? 0,
      writtenMs: state?.intake.endMs ?? -Infinity,
    };
    calls.set(key, call);
    return call;
  };

  const fold = async (call: AtHand, ref: CallRef, chunk: StoredChunk, skip: boolean): Promise<boolean> => {
    const { listening: it, story } = call;
    let told: Promise<void> | undefined;
    for await (const effect of it.hear(chunk, { skip })) {
      if (effect.kind === 'partial') {
        announce(ref, effect);
        continue;
      }
      // Goes out at once, while the rest of the chunk is listened to.
      told = told ? told.then(() => story.tell(effect)) : story.tell(effect);
      told.catch(() => undefined);
    }
    await told;
    return told !== undefined;
  };

  const write = async (call: AtHand, ref: CallRef): Promise<boolean> => {
    const state = call.listening.state();
    if (!state) return true;
    const written = await hearing.write(ref, writeHearing({ state, by: self }), call.written);
    if (written === undefined) return false;
    call.written = written;
    call.writtenMs = state.intake.endMs;
    return true;
  };

  const hearAll = async (ref: CallRef, key: string, last: StoredChunk, skip: boolean): Promise<void> => {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      // Of the first chunk of a call there is nothing to be read, unless it comes again.
      const call = await open(ref, key, last, last.number === 1 && attempt === 0);
      const behind = call.listening.state()?.position ?? 0;
      if (last.position <= behind) return;
      const missed = behind === last.previous ? [] : await audio.between(ref, behind, last.previous);
      let happened = false;
      try {
        for (const chunk of [...missed, last]) {
          happened = (await fold(call, ref, chunk, skip && chunk === last)) || happened;
        }
        const endMs = call.listening.state()?.intake.endMs ?? 0;
        const isDue = happened || last.last || endMs - call.writtenMs >= WRITE_EVERY_MS;
        if (!isDue || (await write(call, ref))) {
          // Two would do the same work side by side from now on.
          if (attempt > 0) calls.delete(key);
          return;
        }
      } catch (error) {
        calls.delete(key);
        throw error;
      }
      // Somebody else listens as well, and was faster. It has told the same.
      calls.delete(key);
    }
    throw new PlatformError('hearing.contended', 'others listen to the call', { retry: 'later', retryAfterMs: 100 });
  };

  return {
    reached: (ref) => calls.peek(audioSubject(ref))?.listening.state()?.position ?? 0,
    async ownerOf(ref) {
      const kept = await hearing.glance(ref);
      const by = kept && readHearing(kept.state).by;
      return by === self ? undefined : by;
    },
    async hear(ref, chunk, { skip } = { skip: false }) {
      const key = audioSubject(ref);
      const before = queues.get(key) ?? Promise.resolve();
      const mine = before.then(() => hearAll(ref, key, chunk, skip));
      const settled = mine.catch(() => undefined);
      queues.set(key, settled);
      try {
        await mine;
      } finally {
        if (queues.get(key) === settled) queues.delete(key);
      }
    },
    async close() {
      await Promise.all(queues.values());
      for (const [key, call] of calls.entries()) {
        const [, , tenant, session, id] = key.split('.');
        await write(call, { tenant, session, call: id } as CallRef).catch(() => undefined);
      }
      calls.clear();
    },
  };
}
