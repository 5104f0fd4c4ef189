import { LRUCache } from 'lru-cache';
import { inTurn } from '../../shared/log/in-turn.ts';
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
   * before, by whomever, changes nothing. False: another process listens to the call as well, and was faster; the call
   * is left to it, and so is this chunk. Chunks of one call wait for one another. Fails as the log does.
   *
   * @param options `skip`: processes have died over this chunk. Nobody listens to it, or to its utterance.
   */
  hear(ref: CallRef, chunk: StoredChunk, options?: { readonly skip: boolean }): Promise<boolean>;
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
  const turns = inTurn();

  const open = async (ref: CallRef, key: string): Promise<AtHand> => {
    const known = calls.get(key);
    if (known) return known;
    const kept = await hearing.read(ref);
    const story = await storyOf(options, ref);
    const state = kept && readHearing(kept.state).state;
    const call: AtHand = {
      listening: listening(ref, options, state, story.begun),
      story,
      written: kept?.position ?? 0,
      // Written with the first chunk, so that the others know who has the call at hand.
      writtenMs: -Infinity,
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

  const hearAll = async (ref: CallRef, key: string, last: StoredChunk, skip: boolean): Promise<boolean> => {
    const call = await open(ref, key);
    const behind = call.listening.state()?.position ?? 0;
    if (last.position <= behind) return true;
    const missed = behind === last.previous ? [] : await audio.between(ref, behind, last.previous);
    let happened = false;
    try {
      for (const chunk of [...missed, last]) {
        happened = (await fold(call, ref, chunk, skip && chunk === last)) || happened;
      }
      const soundMs = (call.listening.state()?.intake.endMs ?? 0) - call.writtenMs;
      const isDue = happened || last.last || soundMs >= WRITE_EVERY_MS;
      if (!isDue || (await write(call, ref))) return true;
      calls.delete(key);
      return false;
    } catch (error) {
      calls.delete(key);
      throw error;
    }
  };

  return {
    reached: (ref) => calls.peek(audioSubject(ref))?.listening.state()?.position ?? 0,
    async ownerOf(ref) {
      const kept = await hearing.glance(ref);
      const by = kept && readHearing(kept.state).by;
      return by === self ? undefined : by;
    },
    hear(ref, chunk, { skip } = { skip: false }) {
      const key = audioSubject(ref);
      return turns.take(key, () => hearAll(ref, key, chunk, skip));
    },
    async close() {
      await turns.over();
      for (const [key, call] of calls.entries()) {
        const [, , tenant, session, id] = key.split('.');
        await write(call, { tenant, session, call: id } as CallRef).catch(() => undefined);
      }
      calls.clear();
    },
  };
}
