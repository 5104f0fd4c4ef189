import type { NatsConnection } from '@nats-io/nats-core';
import { PlatformError } from '../../shared/errors/index.ts';
import type { DeadLetters } from '../../shared/log/dead-letters.ts';
import type { JsMsg } from '@nats-io/jetstream';
import type { Running } from '../../shared/runtime/deliveries.ts';
import { decodeChunk, type SoundCipher } from '../../shared/speech/audio-wire.ts';
import { deliveries } from './deliveries.ts';
import { handOver, type HandOver } from './hand-over.ts';
import type { Listener } from './listener.ts';

export interface AsrHostOptions {
  readonly nc: NatsConnection;
  readonly cipher?: SoundCipher | undefined;
  readonly listener: Listener;
  /** The name of this process, as the listener knows it. */
  readonly self: string;
  /** Chunks worked on at a time. */
  readonly concurrency: number;
  readonly deadLetters: DeadLetters;
}

/** Listens to the sound of all calls for as long as it runs, beside any number of others that do the same. */
export async function asrHost(options: AsrHostOptions): Promise<Running> {
  const { nc, cipher, listener, self, concurrency, deadLetters } = options;
  const hands = handOver({
    nc,
    self,
    listener,
    async read(subject, position, headers, body) {
      const read = await decodeChunk({ subject, headers, body, position }, cipher);
      return 'chunk' in read ? read : undefined;
    },
  });
  const work = (m: JsMsg, signal: AbortSignal) => hearOne(m, signal, options, hands);
  const running = await deliveries({ nc, work, deadLetters, concurrency });
  return {
    async stop() {
      hands.stop();
      await running.stop();
      await listener.close();
      await nc.flush();
    },
  };
}

/** Processes have died over a chunk that came so often: half of them may only have been late. */
const SKIPPED_AFTER = 8;
const ATTEMPTS = 10;

async function hearOne(
  m: JsMsg,
  signal: AbortSignal,
  { cipher, listener }: AsrHostOptions,
  hands: HandOver,
): Promise<void> {
  const { subject, headers, data: body, seq: position } = m;
  const read = await decodeChunk({ subject, headers, body, position }, cipher);
  if ('unreadable' in read) {
    if (read.unreadable === 'erased') return;
    throw new PlatformError('audio.malformed', `not a chunk of a call: ${read.why}`, { retry: 'never' });
  }
  const { ref, chunk } = read;
  try {
    const skip = m.info.deliveryCount > SKIPPED_AFTER;
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      if (headers && (await hands.passedOn({ ref, chunk, subject, headers, body }, signal))) return;
      if (await listener.hear(ref, chunk, { skip })) return;
    }
    throw new PlatformError('hearing.contended', 'others listen to the call', { retry: 'later', retryAfterMs: 100 });
  } catch (error) {
    // Erased, or closed and gone: there is nobody to listen for.
    if (!(error instanceof PlatformError && GONE.has(error.code))) throw error;
  }
}

const GONE: ReadonlySet<string> = new Set(['session.gone', 'session.erased']);
