import { jetstream } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import type { Bot } from '../../shared/bot/bot.ts';
import { PlatformError } from '../../shared/errors/index.ts';
import { once } from '../../shared/function/once.ts';
import { CONVERSATIONS } from '../../shared/log/streams.ts';
import { decode, type Cipher } from '../../shared/log/wire.ts';
import type { ShadowAnswer } from '../../shared/models/answers.ts';
import { SHADOW_DURABLE, shadowSubject } from '../../shared/models/shadow.ts';
import { readEvent } from '../../shared/runtime/read-event.ts';
import type { Stored } from '../../shared/log/log.ts';
import { intent } from './handler.ts';
import { trainedClassifier } from './trained.ts';

/** The group whose place a shadow takes, for its role. */
export const SHADOWED = { name: intent.name, functions: [intent] } as const;

const BATCH = 100;
const WAIT_MS = 1_000;

export interface ShadowOptions {
  /** A connection that may read conversations and write `shadow.>`. */
  readonly nc: NatsConnection;
  readonly cipher?: Cipher;
  readonly botOf: (hash: string) => Promise<Bot>;
  /** Only sessions with this bot. */
  readonly bot: string;
  /** Hash and bytes of the model that is tried out. */
  readonly model: string;
  readonly bytes: Uint8Array;
  /** Ends when everything that was said is answered, instead of waiting for more. */
  readonly once?: boolean;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: ShadowProgress) => void;
}

export interface ShadowProgress {
  /** Utterances that the model answered. */
  readonly answered: number;
  /** Of another bot, of a version of it that the model does not fit, or erased. */
  readonly skipped: number;
  /** Utterances that wait. */
  readonly left: number;
}

/**
 * Lets a model answer what customers say, beside the one that serves, through the same handler: its answers stand where
 * no channel looks, under its own name. Utterances come from a durable of its own, so that it goes on where it stopped;
 * an answer that is repeated replaces itself when it is read.
 */
export async function runShadow(options: ShadowOptions): Promise<ShadowProgress> {
  const { nc, signal, onProgress } = options;
  const js = jetstream(nc);
  const consumer = await js.consumers.get(CONVERSATIONS, SHADOW_DURABLE);
  const answer = answering(options);
  let progress: ShadowProgress = { answered: 0, skipped: 0, left: (await consumer.info()).num_pending };
  while (signal?.aborted !== true) {
    if (options.once && progress.left === 0) break;
    const batch = await consumer.fetch({ max_messages: BATCH, expires: WAIT_MS });
    const taken = [];
    for await (const m of batch) taken.push(m);
    const outcomes = await Promise.all(
      taken.map(async (m) => {
        const stored = m.headers && (await decode(m.headers, m.data, m.seq, options.cipher));
        const said = stored && !('unreadable' in stored) ? await answer(stored) : undefined;
        if (said) {
          const msgID = `${options.model}-${said.turn}`;
          await js.publish(shadowSubject(options.model, said), JSON.stringify(said), { msgID });
        }
        return said !== undefined;
      }),
    );
    for (const m of taken) m.ack();
    const left = taken.at(-1)?.info.pending ?? (await consumer.info()).num_pending;
    const answered = outcomes.filter(Boolean).length;
    progress = {
      answered: progress.answered + answered,
      skipped: progress.skipped + outcomes.length - answered,
      left,
    };
    onProgress?.(progress);
  }
  await nc.flush();
  return progress;
}

function answering({ botOf, bot: name, bytes }: ShadowOptions): (stored: Stored) => Promise<ShadowAnswer | undefined> {
  const fitted = once(async (hash) => {
    const bot = await botOf(hash);
    const intents = new Set(bot.intents.map((it) => it.name));
    return { classifier: trainedClassifier(bot, bytes), threshold: bot.settings.threshold, intents };
  });
  const signal = new AbortController().signal;
  return async (stored) => {
    const event = readEvent(stored);
    if (event.type !== 'utterance.received' || event.data.bot.name !== name) return undefined;
    const understanding = await fitted(event.data.bot.hash).catch((error: unknown) => {
      if (error instanceof PlatformError && error.code === 'model.unfit') return undefined;
      throw error;
    });
    if (!understanding) return undefined;
    const ports = { intentsOf: () => Promise.resolve(understanding) };
    const started = performance.now();
    const [made] = await intent.handle(event, { now: new Date(event.time), ports, signal });
    const ms = performance.now() - started;
    if (!made) return undefined;
    const best = made.type === 'intent.classified' ? made.data : made.data.best[0];
    return {
      turn: event.turn ?? event.id,
      tenant: event.tenant,
      session: event.session,
      at: event.time,
      ...(made.type === 'intent.classified' && { intent: made.data.intent }),
      confidence: best?.confidence ?? 0,
      ms,
    };
  };
}
