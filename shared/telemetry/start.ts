import type { NatsConnection } from '@nats-io/nats-core';
import type { tracing } from '@opentelemetry/sdk-node';
import type { WatchBreakers } from '../egress/breaker.ts';
import { PlatformError } from '../errors/index.ts';
import type { DeadLetters } from '../log/dead-letters.ts';
import type { Delivery, Outcome, Telemetry } from '../runtime/host.ts';
import type { ModelWatch } from '../models/watch.ts';
import { isEnding } from '../runtime/place.ts';
import type { TelemetryConfig } from './config.ts';
import { consumerStates, type Watched } from './consumers.ts';
import { gatewayWatch, type GatewayWatch } from './gateway-watch.ts';
import { lateMetrics } from './late-metrics.ts';
import { jsonLogger, type Logger } from './logger.ts';
import type { Metrics } from './metrics.ts';
import { seldom } from './seldom.ts';
import { startTracing, untraced } from './spans.ts';

/** Everything by which a process is watched. */
export interface Watching {
  /** For the host of functions. */
  readonly telemetry: Telemetry;
  /** For the gateway. */
  readonly gatewayWatch: GatewayWatch;
  readonly logger: Logger;
  /** For the function that understands. */
  readonly models: ModelWatch;
  /** Counts dead letters on their way. */
  deadLetters(keep: DeadLetters): DeadLetters;
  /** Lets each scrape tell how far behind these durable consumers are. */
  watchConsumers(nc: NatsConnection, durables: readonly Watched[]): void;
  /** For functions that call servers of others. */
  readonly watchBreakers: WatchBreakers;
  /** For the relay: what was answered, and what waits for whom. */
  readonly relayWatch: Pick<Metrics, 'relayed' | 'watchRelay'>;
  /** For the process that holds calls. */
  readonly callMetrics: Pick<Metrics, 'callEnded' | 'callFlaw'>;
  /** Everything, in the text format of Prometheus. */
  metricsText(): Promise<string>;
  /** Sends what is left to send. */
  stop(): Promise<void>;
}

/** For tests: where spans and lines go instead. */
export interface Sinks {
  readonly spans?: tracing.SpanExporter;
  readonly write?: (line: string) => void;
}

/** Begins to watch a process. Call it once for each process, before anything else is made. */
export async function startTelemetry(config: TelemetryConfig, sinks: Sinks = {}): Promise<Watching> {
  const { service, logLevel: level, exportSpans } = config;
  const tracing = sinks.spans || exportSpans ? await startTracing(config, sinks.spans) : untraced;
  const metrics = lateMetrics(async () => (await import('./metrics.ts')).startMetrics());
  const logger = jsonLogger({ service, level, ...(sinks.write && { write: sinks.write }) });
  const notice = seldom(logger);

  return {
    logger,
    telemetry: {
      step: tracing.step,
      outcome(fn, delivery, outcome, ms) {
        metrics.step(fn, outcome.kind, ms);
        if (delivery.attempt > 1) metrics.redelivery(fn);
        countEndings(metrics, delivery, outcome, ms);
        if (outcome.kind === 'retry' || outcome.kind === 'rejected') notice(fn, delivery, outcome);
      },
      conflict(fn) {
        metrics.conflict(fn);
      },
    },
    models: {
      serves(bot, model, how, ms) {
        metrics.modelServes(how);
        logger.info('a model serves', { bot, model, how, ms: Math.round(ms) });
      },
      refused(bot, model, error) {
        metrics.modelRefused(error instanceof PlatformError ? error.code : 'unknown');
        logger.error('a model was refused, the last good one goes on', { bot, model }, error);
      },
      trains(bot) {
        logger.info('a bot has no model yet, one is trained here', { bot });
      },
      understood(by) {
        metrics.understood(by);
      },
    },
    gatewayWatch: gatewayWatch(metrics, tracing, logger),
    deadLetters: (keep) => async (letter) => {
      await keep(letter);
      const { consumer, position, error } = letter;
      metrics.deadLetter(consumer, error.code);
      logger.error('a delivery became a dead letter', { consumer, position }, error);
    },
    watchConsumers(nc, durables) {
      metrics.watchConsumers(consumerStates(nc, durables));
    },
    watchBreakers: (of, open) => {
      metrics.watchBreakers(of, open);
    },
    relayWatch: metrics,
    callMetrics: metrics,
    metricsText: () => metrics.text(),
    async stop() {
      await Promise.all([tracing.stop(), metrics.stop()]);
    },
  };
}

/** An ending that an earlier delivery wrote was counted then. */
function countEndings(metrics: Metrics, { attempt }: Delivery, outcome: Outcome, ms: number): void {
  if (outcome.kind !== 'appended') return;
  for (const { envelope } of outcome.events) {
    if (!isEnding(envelope.type)) continue;
    if (attempt > 1 && Date.parse(envelope.time) < Date.now() - ms) continue;
    metrics.turnEnded(envelope.tenant, envelope.type.slice('turn.'.length));
  }
}
