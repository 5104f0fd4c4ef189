import { tracing } from '@opentelemetry/sdk-node';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { durablesOf, groupsOf, type Hosting } from '../../functions/index.ts';
import { deadLetters } from '../log/dead-letters.ts';
import { jetstreamLog } from '../log/jetstream.ts';
import type { Log, SessionRef } from '../log/log.ts';
import { provision } from '../log/provision.ts';
import { readSession } from '../log/read.ts';
import { AUDIO } from '../log/streams.ts';
import type { Host } from '../runtime/host.ts';
import { pullHost } from '../runtime/pull.ts';
import { LISTENERS, provisionSpeech } from '../speech/provision.ts';
import { startBroker, type TestServer } from '../testing/broker.ts';
import { incoming, keywordPorts, newSession, opening, saying, testHost } from '../testing/rig.ts';
import { readMetrics } from './metrics.fixture.ts';
import { startTelemetry, type Watching } from './start.ts';

const CANARY = 'CANARY-5f1d9c';

let broker: TestServer;
let stops: (() => Promise<void>)[] = [];
// A server for each test: what one test wrote would be delivered to the functions of the next.
beforeEach(async () => {
  broker = await startBroker();
  stops.push(() => broker.stop());
});
afterEach(async () => {
  for (const stop of stops.reverse()) await stop();
  stops = [];
});

interface Rig {
  readonly log: Log;
  readonly watching: Watching;
  readonly spans: () => readonly tracing.ReadableSpan[];
  readonly lines: string[];
  /** Sends one message as a gateway would, and waits for its ending. */
  readonly say: (ref: SessionRef, text: string, from?: string) => Promise<string>;
}

async function start(hosting: Hosting, sampleRatio: number, over: Partial<Host> = {}): Promise<Rig> {
  const nc = await broker.nc();
  const groups = groupsOf(hosting);
  await provision(nc, { replicas: 1, durables: durablesOf(groups) });
  const exporter = new tracing.InMemorySpanExporter();
  const lines: string[] = [];
  const watching = await startTelemetry(
    { service: 'test', logLevel: 'debug', sampleRatio, exportSpans: false },
    { spans: exporter, write: (line) => lines.push(line) },
  );
  stops.push(() => watching.stop());
  watching.watchConsumers(
    nc,
    durablesOf(groups).map(({ name }) => name),
  );
  const log = jetstreamLog(nc);
  const host = testHost(log, { telemetry: watching.telemetry, ...over });
  const letters = watching.deadLetters(deadLetters(nc));
  for (const group of groups) {
    const running = await pullHost({ nc, group, host, deadLetters: letters, concurrency: 8 });
    stops.push(() => running.stop());
  }

  const say = async (ref: SessionRef, text: string, from?: string) => {
    const request = watching.gatewayWatch.request('POST', '/v1/chat', from);
    const { traceparent } = request;
    const utterance = incoming(ref, saying(text), { traceparent });
    await host.tail.append(utterance);
    await expect
      .poll(async () => (await readSession(log, ref)).some((s) => endsTurn(s.envelope, utterance.id)))
      .toBe(true);
    watching.gatewayWatch.turn('turn.replied', 5);
    request.end(200);
    return traceparent;
  };
  return { log, watching, spans: () => exporter.getFinishedSpans(), lines, say };
}

const endsTurn = (e: { readonly type: string; readonly turn?: string }, turn: string) =>
  e.type.startsWith('turn.') && e.turn === turn;

/** Names of spans with that of the span above, sorted. */
const family = (spans: readonly tracing.ReadableSpan[]): readonly string[] => {
  const nameOf = new Map(spans.map((s) => [s.spanContext().spanId, s.name]));
  return spans.map((s) => `${s.name} < ${nameOf.get(s.parentSpanContext?.spanId ?? '') ?? 'nothing'}`).sort();
};

describe.each(['chained', 'hop-by-hop'] as const)('a turn, %s', (hosting) => {
  it('is one trace, in which each step hangs on the one whose event it had', async () => {
    const { log, spans, say } = await start(hosting, 1);
    const ref = newSession();
    await log.append(incoming(ref, opening()), 0);
    await say(ref, 'hello');
    await expect.poll(() => spans().map((s) => s.name)).toContain('reply');

    expect(new Set(spans().map((s) => s.spanContext().traceId)).size).toBe(1);
    expect(family(spans())).toEqual(
      expect.arrayContaining([
        'POST /v1/chat < nothing',
        'entity < POST /v1/chat',
        'intent < POST /v1/chat',
        expect.stringMatching(/^policy < (?:intent|entity)$/u),
        'reply < policy',
      ]),
    );
    // Each event names the very span that wrote it.
    const writers = new Map(spans().map((s) => [s.spanContext().spanId, s.name]));
    const written = (await readSession(log, ref))
      .slice(1)
      .map(({ envelope: e }) => `${e.type} by ${writers.get(e.traceparent?.split('-')[2] ?? '') ?? 'nobody'}`);
    expect([...written].sort()).toEqual([
      'entities.extracted by entity',
      'intent.classified by intent',
      'policy.decided by policy',
      'turn.replied by reply',
      'utterance.received by POST /v1/chat',
    ]);
  });

  it('makes no span when it is not sampled, and still carries its trace through the log', async () => {
    const { log, spans, say } = await start(hosting, 0);
    const ref = newSession();
    await log.append(incoming(ref, opening()), 0);
    const traceparent = await say(ref, 'hello');
    const trace = traceparent.slice(0, 35);
    const events = (await readSession(log, ref)).slice(1);
    expect(events.map((s) => s.envelope.traceparent)).toEqual(events.map(() => traceparent));
    expect(traceparent).toMatch(/-00$/u);
    expect(trace).toMatch(/^00-[0-9a-f]{32}$/u);
    expect(spans()).toEqual([]);
  });

  it('is counted, step by step and as a whole', async () => {
    const { log, watching, say } = await start(hosting, 0);
    for (let i = 0; i < 3; i++) {
      const ref = newSession();
      await log.append(incoming(ref, opening()), 0);
      await say(ref, 'hello');
    }
    const metrics = async () => readMetrics(await watching.metricsText());
    const counted = async () => {
      const m = await metrics();
      const step = (fn: string) => m.get(`turnstream_step_duration_seconds_count{function="${fn}",outcome="appended"}`);
      return {
        ended: m.get('turnstream_turns_total{tenant="acme",ending="replied"}'),
        took: m.get('turnstream_turn_duration_seconds_count{ending="replied"}'),
        requests: m.get('http_server_request_duration_seconds_count{method="POST",route="/v1/chat",status="200"}'),
        steps: ['intent', 'entity', 'policy', 'reply'].map(step),
        behind: [...m].filter(([name, value]) => name.startsWith('turnstream_consumer_') && value > 0),
      };
    };
    await expect
      .poll(counted, { timeout: 10_000 })
      .toEqual({ ended: 3, took: 3, requests: 3, steps: [3, 3, 3, 3], behind: [] });
    const consumers = [...(await metrics()).keys()].filter((name) => name.startsWith('turnstream_consumer_lag'));
    expect(consumers).toHaveLength(groupsOf(hosting).length);
  });

  it('leaves nothing that was said in spans, metrics or logs, even where a model chokes on it', async () => {
    const choking = {
      classifier: {
        model: 'choking@1',
        classify: (text: string): never => {
          throw new Error(`cannot parse ${text}`, { cause: new Error(text) });
        },
      },
      threshold: 0.5,
    };
    const ports = { ...keywordPorts, intentsOf: () => Promise.resolve(choking) };
    const { log, watching, spans, lines, say } = await start(hosting, 1, { ports });
    const ref = newSession();
    await log.append(incoming(ref, opening()), 0);
    await say(ref, `my name is ${CANARY}, order TS12345678`);
    await expect.poll(() => spans().map((s) => s.name)).toContain('reply');
    const seen = [
      ...spans().map((s) => JSON.stringify([s.name, s.attributes, s.events, s.links, s.status, s.resource.attributes])),
      await watching.metricsText(),
      ...lines,
    ].join('\n');
    expect(seen).toContain('intent');
    expect(seen).not.toContain(CANARY);
    expect(seen).not.toContain('TS12345678');
  });
});

describe('a trace', () => {
  const theirs = '4bf92f3577b34da6a3ce929d0e0e4736';
  const parent = '00f067aa0ba902b7';

  it('joins that of the client', async () => {
    const { log, spans, say } = await start('chained', 1);
    const ref = newSession();
    await log.append(incoming(ref, opening()), 0);
    expect(await say(ref, 'hello', `00-${theirs}-${parent}-01`)).toMatch(new RegExp(`^00-${theirs}-.*-01$`, 'u'));
    await expect.poll(() => spans().map((s) => s.name)).toContain('reply');
    expect(new Set(spans().map((s) => s.spanContext().traceId))).toEqual(new Set([theirs]));
    const first = spans().find((s) => s.name === 'POST /v1/chat');
    expect(first?.parentSpanContext?.spanId).toBe(parent);
  });

  it.each([
    ['a client cannot have every turn recorded', 0, '01'],
    ['a client can have none of its turns recorded', 1, '00'],
  ])('is sampled as we say: %s', async (_what, ratio, flags) => {
    const { log, spans, say } = await start('chained', ratio);
    const ref = newSession();
    await log.append(incoming(ref, opening()), 0);
    const written = await say(ref, 'hello', `00-${theirs}-${parent}-${flags}`);
    expect(written).toMatch(new RegExp(`^00-${theirs}-.*-00$`, 'u'));
    expect(spans()).toEqual([]);
  });
});

describe('the lag of a durable consumer', () => {
  it('is what it was not given yet', async () => {
    const nc = await broker.nc();
    await provision(nc, { replicas: 1, durables: [{ name: 'ts-late', types: ['session.opened'], ackWaitMs: 5_000 }] });
    const watching = await startTelemetry({ service: 'test', logLevel: 'info', sampleRatio: 0, exportSpans: false });
    stops.push(() => watching.stop());
    await provisionSpeech(nc);
    watching.watchConsumers(nc, ['ts-late', 'ts-unknown', { stream: AUDIO, durable: LISTENERS }]);
    const log = jetstreamLog(nc);
    const before = readMetrics(await watching.metricsText()).get('turnstream_consumer_lag{consumer="ts-late"}') ?? NaN;
    for (let i = 0; i < 4; i++) await log.append(incoming(newSession(), opening()), 0);
    await expect
      .poll(async () => readMetrics(await watching.metricsText()), { timeout: 5_000 })
      .toEqual(
        expect.toSatisfy(
          (m: ReturnType<typeof readMetrics>) => m.get('turnstream_consumer_lag{consumer="ts-late"}') === before + 4,
        ),
      );
    // A consumer of another stream is found there, and one that does not exist is left out.
    const metrics = readMetrics(await watching.metricsText());
    expect(metrics.get(`turnstream_consumer_lag{consumer="${LISTENERS}"}`)).toBe(0);
    expect(metrics.has('turnstream_consumer_lag{consumer="ts-unknown"}')).toBe(false);
  });
});
