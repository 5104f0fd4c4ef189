import type { NatsConnection } from '@nats-io/nats-core';
import { breakers } from '../../shared/egress/breaker.ts';
import { tailOf } from '../../shared/log/append.ts';
import type { DeadLetters } from '../../shared/log/dead-letters.ts';
import { jetstreamLog } from '../../shared/log/jetstream.ts';
import type { Cipher } from '../../shared/log/wire.ts';
import type { Running } from '../../shared/runtime/deliveries.ts';
import { audioLog } from '../../shared/speech/audio-log.ts';
import type { SoundCipher } from '../../shared/speech/audio-wire.ts';
import { checkEngine } from '../../shared/speech/check.ts';
import { partialSubject } from '../../shared/speech/chunk.ts';
import type { Engine } from '../../shared/speech/engine.ts';
import { enginesOf } from '../../shared/speech/engines.ts';
import type { EngineAt } from '../../shared/speech/engines/config.ts';
import { hearingStore } from '../../shared/speech/hearing-store.ts';
import { isRemote, openEngine, type Opening } from '../../shared/speech/open.ts';
import type { Vad } from '../../shared/speech/vad.ts';
import { asrHost } from './host.ts';
import { listener } from './listener.ts';

export interface HostedOptions {
  readonly nc: NatsConnection;
  readonly vad: Vad;
  readonly engines: readonly Engine[];
  readonly cipher?: (Cipher & SoundCipher) | undefined;
  readonly deadLetters: DeadLetters;
  /** A name that no other process has. */
  readonly self: string;
  readonly concurrency: number;
  /** Calls that are kept at hand. */
  readonly calls: number;
}

/** Everything that listens, on a connection. Ends detector and engines when it is stopped. */
export async function hostAsr(options: HostedOptions): Promise<Running> {
  const { nc, vad, engines, cipher, self } = options;
  const log = jetstreamLog(nc, cipher ? { cipher } : {});
  const listens = listener({
    vad,
    engines: enginesOf(() => engines, breakers()),
    audio: audioLog(nc, { cipher }),
    hearing: hearingStore(nc, cipher),
    log,
    tail: tailOf(log),
    now: () => new Date(),
    self,
    calls: options.calls,
    announce(ref, { utterance, text }) {
      nc.publish(partialSubject(ref), JSON.stringify({ utterance, text }));
    },
  });
  const running = await asrHost({ ...options, listener: listens });
  return {
    async stop() {
      await running.stop();
      await Promise.all(engines.map((engine) => engine.close()));
      await vad.close();
    },
  };
}

/**
 * Checks and opens engines. One whose model is damaged is told of and left out: the others do its work. Where none is
 * left, calls go on, and the log says of each utterance that nobody could make it out.
 */
export async function openEngines(
  wanted: readonly EngineAt[],
  onRefused: (engine: EngineAt, error: unknown) => void,
  opening: Opening = {},
): Promise<readonly Engine[]> {
  const opened: Engine[] = [];
  for (const engine of wanted) {
    try {
      if (!isRemote(engine.kind)) await checkEngine(engine.kind, engine.where);
      opened.push(await openEngine(engine.kind, engine.where, opening));
    } catch (error) {
      onRefused(engine, error);
    }
  }
  return opened;
}
