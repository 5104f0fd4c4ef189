import type { NatsConnection } from '@nats-io/nats-core';
import { LRUCache } from 'lru-cache';
import { setTimeout as delay } from 'node:timers/promises';
import { requests } from '../../shared/log/requests.ts';
import { rawHeaders } from '../../shared/log/wire.ts';
import { audioSubject, type CallRef, type StoredChunk } from '../../shared/speech/chunk.ts';
import type { Listener } from './listener.ts';

/**
 * Who does not say within this time that it has taken a chunk has lost the call to whoever asked. A process that is gone
 * is known at once: the server says that nobody hears. Going on with a call costs more than waiting for one that is busy.
 */
const ANSWER_MS = 2_000;
/** Who was killed with a chunk in its hands answers nothing either: so often it is asked whether anybody is there. */
const STILL_THERE_MS = 50;
/** The last chunk of a call is asked after: nothing comes after it that would show that it was lost. */
const ASK_AGAIN_MS = 50;

/** Where a process is given chunks of calls that it has at hand. */
export const asrSubject = (name: string): string => `asr.at.${name}`;

/** A delivered chunk, as it came. */
export interface Arrived {
  readonly ref: CallRef;
  readonly chunk: StoredChunk;
  readonly subject: string;
  readonly headers: Iterable<readonly [string, readonly string[]]>;
  readonly body: Uint8Array;
}

/**
 * Chunks are delivered to any process, but one of them has the call at hand: the others pass its chunks on to it, as
 * they are. Only a shortcut, which keeps each chunk from being listened to by every process: whoever does not answer is
 * forgotten, and the one that was given the chunk goes on with the call itself.
 */
export interface HandOver {
  /** Whether another process has taken care of the chunk. */
  passedOn(arrived: Arrived, signal: AbortSignal): Promise<boolean>;
  stop(): void;
}

export interface HandOverOptions {
  readonly nc: NatsConnection;
  readonly self: string;
  readonly listener: Listener;
  /** Reads what was passed on, as a delivery is read. */
  readonly read: (
    subject: string,
    position: number,
    headers: { get(key: string): string },
    body: Uint8Array,
  ) => Promise<{ readonly ref: CallRef; readonly chunk: StoredChunk } | undefined>;
}

const TAKEN = 'taken';
const DONE = 'done';
/** It was left to somebody else, or forgotten. */
const NOT_HERE = 'not-here';
const HERE = 'here';
const NOTHING = new Uint8Array();
const REMEMBERED = 20_000;

export function handOver({ nc, self, listener, read }: HandOverOptions): HandOver {
  const owners = new LRUCache<string, string>({ max: REMEMBERED });
  const send = requests(nc, ANSWER_MS);
  const taking = nc.subscribe(asrSubject(self), {
    callback: (_error, m) => {
      void (async () => {
        const headers = m.headers;
        if (!headers) m.respond(HERE);
        const position = Number(headers?.get('asr-position'));
        const arrived = headers && (await read(headers.get('asr-subject'), position, headers, m.data));
        if (!arrived) return;
        const { ref, chunk } = arrived;
        const reached = listener.reached(ref);
        if (reached === 0) m.respond(NOT_HERE);
        else if (reached >= chunk.position) m.respond(DONE);
        else {
          m.respond(TAKEN);
          // What fails here is found missing by the next chunk, or asked for again.
          await listener.hear(ref, chunk);
        }
      })().catch(() => undefined);
    },
  });

  const give = async (owner: string, { subject, headers, body, chunk }: Arrived): Promise<string | undefined> => {
    let block = `NATS/1.0\r\nasr-subject: ${subject}\r\nasr-position: ${chunk.position}\r\n`;
    for (const [key, values] of headers) for (const value of values) block += `${key}: ${value}\r\n`;
    const answered = new AbortController();
    const answer = send.one(asrSubject(owner), body, rawHeaders(`${block}\r\n`)).then((m) => m.string());
    const outcome = Promise.race([answer, gone(owner, answered.signal)]).catch(() => undefined);
    return outcome.finally(() => {
      answered.abort();
    });
  };
  const isThere = (owner: string): Promise<boolean> =>
    send.one(asrSubject(owner), NOTHING).then(
      () => true,
      () => false,
    );
  /** Resolves when nobody is there any more. Who is busy answers nothing for a while, and is there. */
  const gone = async (owner: string, answered: AbortSignal): Promise<undefined> => {
    do await delay(STILL_THERE_MS, undefined, { signal: answered });
    while (await isThere(owner));
  };
  return {
    async passedOn(arrived, signal) {
      const { ref, chunk } = arrived;
      const key = audioSubject(ref);
      if (listener.reached(ref) > 0 || chunk.number === 1) return false;
      let owner = owners.get(key) ?? (await listener.ownerOf(ref));
      while (owner !== undefined && owner !== self) {
        owners.set(key, owner);
        const answer = await give(owner, arrived);
        if (answer === DONE || (answer === TAKEN && !chunk.last)) return true;
        if (answer === TAKEN) {
          await delay(ASK_AGAIN_MS, undefined, { signal }).catch(() => undefined);
          if (signal.aborted) return false;
          continue;
        }
        owners.delete(key);
        const next = await listener.ownerOf(ref);
        // Somebody may have gone on with the call already.
        owner = next === owner ? undefined : next;
      }
      return false;
    },
    stop() {
      taking.unsubscribe();
    },
  };
}
