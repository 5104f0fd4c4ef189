import { PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import { MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import type { BreakerState, WatchBreakers } from '../egress/breaker.ts';
import { boundedLabel } from './bounded-label.ts';
import type { ConsumerState } from './consumers.ts';
import { observeProcess } from './process-metrics.ts';

const LATENCY_S = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const CALL_S = [1, 5, 15, 30, 60, 120, 300, 600, 1_800, 3_600];
/** Tenants that are told apart. */
const TENANTS = 100;
const METHODS = new Set(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS']);
const CACHE_MS = 1_000;
const BREAKER: Readonly<Record<BreakerState, number>> = { closed: 0, 'half-open': 1, open: 2 };

/** What a relay has for a group of functions. */
export interface RelayState {
  readonly group: string;
  /** Requests that wait for their answer, and deliveries that wait until they may come again. */
  readonly inFlight: number;
  /** Deliveries that wait for others of their session, or for what is less suspect. */
  readonly waiting: number;
  readonly breaker: BreakerState;
}

/** What is counted. Labels take a bounded set of values only: constants of the code, and the first tenants. */
export interface Metrics {
  /** `route` is the pattern, never the path. */
  request(method: string, route: string, status: number, ms: number): void;
  turnEnded(tenant: string, ending: string): void;
  turnTook(ending: string, ms: number): void;
  step(fn: string, outcome: string, ms: number): void;
  redelivery(fn: string): void;
  conflict(fn: string): void;
  deadLetter(consumer: string, code: string): void;
  /** `how`: a stored model was loaded, or one was trained here. */
  modelServes(how: string): void;
  modelRefused(code: string): void;
  /** `by`: the linear model alone, or with the net. */
  understood(by: string): void;
  /** `answer`: a status, or why there was none. */
  relayed(group: string, answer: string, ms: number): void;
  /** A call that ended: which kind of gateway, why, and how long it was. */
  callEnded(gateway: string, reason: string, ms: number): void;
  /** Something that a gateway sent could not be used; `kind` says what. */
  callFlaw(gateway: string, kind: string): void;
  /** Asks for what waits for each group of functions at each scrape. */
  watchRelay(states: () => readonly RelayState[]): void;
  /** Asks how many breakers before servers of others are open, at each scrape. */
  readonly watchBreakers: WatchBreakers;
  /** Asks for the state of durable consumers at each scrape. */
  watchConsumers(states: () => Promise<readonly ConsumerState[]>): void;
  /** Everything, in the text format of Prometheus. */
  text(): Promise<string>;
  stop(): Promise<void>;
}

/**
 * Metrics by the OpenTelemetry SDK, collected when they are scraped. One measurement costs 0.6 µs; a histogram counts
 * as well, so no counter stands beside one.
 */
export function startMetrics(now: () => number = () => performance.now()): Metrics {
  const reader = new ScrapedReader();
  const provider = new MeterProvider({ readers: [reader] });
  const meter = provider.getMeter('turnstream');
  const latency = (name: string, description: string) =>
    meter.createHistogram(name, { description, advice: { explicitBucketBoundaries: LATENCY_S } });
  const counter = (name: string, description: string) => meter.createCounter(name, { description });
  const gauge = (name: string, description: string) => meter.createObservableGauge(name, { description });

  const requests = latency('http_server_request_duration_seconds', 'HTTP requests by route and status');
  const turns = counter('turnstream_turns_total', 'Turns that ended, by ending');
  const turnTimes = latency('turnstream_turn_duration_seconds', 'From the acceptance of a turn to its ending');
  const steps = latency('turnstream_step_duration_seconds', 'Runs of functions, by outcome');
  const redeliveries = counter('turnstream_redeliveries_total', 'Deliveries that were not the first of their event');
  const conflicts = counter('turnstream_conflicts_total', 'Decisions made again because the session had moved on');
  const deadLetters = counter('turnstream_dead_letters_total', 'Deliveries that nobody could use');
  const relayed = latency('turnstream_relay_request_duration_seconds', 'Requests of the relay, by answer');
  const served = counter('turnstream_models_served_total', 'Models that began to serve a bot, by how they came');
  const utterances = counter('turnstream_utterances_classified_total', 'Utterances by the models that they took');
  const refusals = counter('turnstream_models_refused_total', 'Models that could not be used, by code');
  const calls = meter.createHistogram('turnstream_call_duration_seconds', {
    description: 'Calls that ended, by why',
    advice: { explicitBucketBoundaries: CALL_S },
  });
  const flaws = counter('turnstream_call_flaws_total', 'What gateways sent that could not be used');
  const openBreakers = gauge('turnstream_breakers_open', 'Servers of others that are not called for a while');
  const tenantLabel = boundedLabel(TENANTS);
  const stopObserving = observeProcess(meter);

  const serializer = new PrometheusSerializer(undefined, false, undefined, true, true);
  let cached: { readonly at: number; readonly text: Promise<string> } | undefined;
  const scrape = async () => serializer.serialize((await reader.collect()).resourceMetrics);

  return {
    request(method, route, status, ms) {
      requests.record(ms / 1_000, { method: METHODS.has(method) ? method : 'other', route, status });
    },
    turnEnded(tenant, ending) {
      turns.add(1, { tenant: tenantLabel(tenant), ending });
    },
    turnTook(ending, ms) {
      turnTimes.record(ms / 1_000, { ending });
    },
    step(fn, outcome, ms) {
      steps.record(ms / 1_000, { function: fn, outcome });
    },
    redelivery(fn) {
      redeliveries.add(1, { function: fn });
    },
    conflict(fn) {
      conflicts.add(1, { function: fn });
    },
    deadLetter(consumer, code) {
      deadLetters.add(1, { consumer, code });
    },
    modelServes(how) {
      served.add(1, { how });
    },
    understood(by) {
      utterances.add(1, { by });
    },
    modelRefused(code) {
      refusals.add(1, { code });
    },
    relayed(group, answer, ms) {
      relayed.record(ms / 1_000, { group, answer });
    },
    callEnded(gateway, reason, ms) {
      calls.record(ms / 1_000, { gateway, reason });
    },
    callFlaw(gateway, kind) {
      flaws.add(1, { gateway, kind });
    },
    watchRelay(states) {
      const inFlight = gauge('turnstream_relay_in_flight', 'Deliveries that functions are working on');
      const waiting = gauge('turnstream_relay_waiting', 'Deliveries that wait in the relay for others to be done');
      const breaker = gauge('turnstream_relay_breaker', 'Breaker of a function: 0 closed, 1 half open, 2 open');
      meter.addBatchObservableCallback(
        (result) => {
          for (const { group, ...state } of states()) {
            result.observe(inFlight, state.inFlight, { group });
            result.observe(waiting, state.waiting, { group });
            result.observe(breaker, BREAKER[state.breaker], { group });
          }
        },
        [inFlight, waiting, breaker],
      );
    },
    watchBreakers(of, open) {
      openBreakers.addCallback((result) => {
        result.observe(open(), { of });
      });
    },
    watchConsumers(states) {
      const lag = gauge('turnstream_consumer_lag', 'Events that a durable consumer has not been given yet');
      const ackPending = gauge('turnstream_consumer_ack_pending', 'Deliveries that are not acknowledged yet');
      meter.addBatchObservableCallback(
        async (result) => {
          for (const { consumer, lag: waiting, ackPending: unacknowledged } of await states()) {
            result.observe(lag, waiting, { consumer });
            result.observe(ackPending, unacknowledged, { consumer });
          }
        },
        [lag, ackPending],
      );
    },
    text() {
      // However many scrape, the broker is asked once a second at most.
      if (!cached || now() - cached.at > CACHE_MS) cached = { at: now(), text: scrape() };
      return cached.text;
    },
    async stop() {
      stopObserving();
      await provider.shutdown();
    },
  };
}

/** A reader that does nothing by itself. */
class ScrapedReader extends MetricReader {
  protected override onForceFlush(): Promise<void> {
    return Promise.resolve();
  }
  protected override onShutdown(): Promise<void> {
    return Promise.resolve();
  }
}
