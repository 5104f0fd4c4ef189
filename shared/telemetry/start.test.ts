import { createServer } from 'node:http';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { PlatformError } from '../errors/index.ts';
import type { Stored } from '../log/log.ts';
import type { Outcome } from '../runtime/host.ts';
import { incoming, newSession, saying } from '../testing/rig.ts';
import { turnReplied } from '../../events/turn.ts';
import { readMetrics } from './metrics.fixture.ts';
import { startTelemetry, type Watching } from './start.ts';

const config = { service: 'test', logLevel: 'debug', sampleRatio: 1, exportSpans: false } as const;
const ref = newSession();
const stored: Stored = { envelope: incoming(ref, saying('hello')), position: 7, previous: 0 };

let watching: Watching | undefined;
afterEach(async () => {
  vi.unstubAllEnvs();
  await watching?.stop();
  watching = undefined;
});

async function watched() {
  const lines: string[] = [];
  watching = await startTelemetry(config, { write: (line) => lines.push(line) });
  const started = watching;
  const metrics = async () => readMetrics(await started.metricsText());
  return { watching, telemetry: started.telemetry, lines, metrics };
}

describe('outcomes', () => {
  it('count redeliveries, conflicts and dead letters', async () => {
    const { watching, telemetry, metrics } = await watched();
    telemetry.outcome('intent', { stored, attempt: 1 }, { kind: 'ignored' }, 1);
    telemetry.outcome('intent', { stored, attempt: 2 }, { kind: 'ignored' }, 30);
    telemetry.conflict('policy');
    const error = new PlatformError('event.malformed', 'not an event', { retry: 'never' });
    await watching.deadLetters(() => Promise.resolve())({ consumer: 'ts-turn', subject: 's', position: 7, error });
    const m = await metrics();
    expect(m.get('turnstream_redeliveries_total{function="intent"}')).toBe(1);
    expect(m.get('turnstream_conflicts_total{function="policy"}')).toBe(1);
    expect(m.get('turnstream_dead_letters_total{consumer="ts-turn",code="event.malformed"}')).toBe(1);
    const steps = 'turnstream_step_duration_seconds';
    expect(m.get(`${steps}_count{function="intent",outcome="ignored"}`)).toBe(2);
    expect(m.get(`${steps}_bucket{function="intent",outcome="ignored",le="0.005"}`)).toBe(1);
    expect(m.get(`${steps}_bucket{function="intent",outcome="ignored",le="+Inf"}`)).toBe(2);
    expect(m.get(`${steps}_sum{function="intent",outcome="ignored"}`)).toBeCloseTo(0.031);
  });

  it('do not count a dead letter that could not be kept', async () => {
    const { watching, metrics } = await watched();
    const error = new PlatformError('event.malformed', 'not an event', { retry: 'never' });
    const failing = watching.deadLetters(() => Promise.reject(new Error('away')));
    await expect(failing({ consumer: 'ts-turn', subject: 's', position: 7, error })).rejects.toThrow('away');
    expect([...(await metrics()).keys()].filter((name) => name.includes('dead_letters'))).toEqual([]);
  });

  it('count an ending once, though a repeated delivery finds it again', async () => {
    const { telemetry, metrics } = await watched();
    const at = (time: string): Outcome => ({
      kind: 'appended',
      events: [{ ...stored, envelope: incoming(ref, turnReplied({ messages: [], locale: 'en' }), { time }) }],
    });
    const now = new Date().toISOString();
    telemetry.outcome('reply', { stored, attempt: 1 }, at(now), 1);
    telemetry.outcome('reply', { stored, attempt: 2 }, at('2026-01-01T00:00:00.000Z'), 1);
    expect((await metrics()).get('turnstream_turns_total{tenant="acme",ending="replied"}')).toBe(1);
  });

  it('that fail are logged once a second, with the number of those left out', async () => {
    const { telemetry, lines } = await watched();
    const error = new PlatformError('log.unavailable', 'not connected to the log', { retry: 'later' });
    for (let i = 0; i < 100; i++) {
      telemetry.outcome('intent', { stored, attempt: 1 }, { kind: 'retry', afterMs: 1, error }, 1);
    }
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      level: 'warn',
      function: 'intent',
      position: 7,
      error: { code: 'log.unavailable' },
    });
  });
});

describe('labels', () => {
  it('are kept from growing: after a hundred tenants the others count together', async () => {
    const { telemetry, metrics } = await watched();
    for (let i = 0; i < 150; i++) {
      const { envelope } = stored;
      const ended = { ...envelope, type: 'turn.replied', tenant: `t${i}` as typeof envelope.tenant };
      const outcome: Outcome = { kind: 'appended', events: [{ ...stored, envelope: ended }] };
      telemetry.outcome('reply', { stored, attempt: 1 }, outcome, 1);
    }
    const turns = [...(await metrics())].filter(([name]) => name.startsWith('turnstream_turns_total'));
    expect(turns).toHaveLength(101);
    expect(turns.find(([name]) => name.includes('other'))?.[1]).toBe(50);
  });

  it('of requests take known methods only', async () => {
    const { watching, metrics } = await watched();
    watching.gatewayWatch.request('BREW', '/v1/chat', undefined).end(405);
    const name = 'http_server_request_duration_seconds_count{method="other",route="/v1/chat",status="405"}';
    expect((await metrics()).get(name)).toBe(1);
  });
});

describe('the process', () => {
  it('tells of its event loop, processor time and memory', async () => {
    const { metrics } = await watched();
    const m = await metrics();
    expect(m.get('process_resident_memory_bytes')).toBeGreaterThan(1e7);
    expect(m.get('process_cpu_seconds_total')).toBeGreaterThan(0);
    expect(m.get('nodejs_eventloop_utilization_ratio')).toBeLessThanOrEqual(1);
    expect([...m.keys()].filter((name) => name.startsWith('nodejs_eventloop_delay_seconds'))).toHaveLength(3);
  });
});

describe('spans', () => {
  it('go to the collector that the environment names', async () => {
    const got: { readonly path: string; readonly body: string }[] = [];
    const collector = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        got.push({ path: request.url ?? '', body: Buffer.concat(parts).toString('latin1') });
        response.end();
      });
    });
    await new Promise<void>((resolve) => void collector.listen(0, '127.0.0.1', resolve));
    const { port } = collector.address() as { readonly port: number };
    vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', `http://127.0.0.1:${port}`);
    const exporting = await startTelemetry({ ...config, exportSpans: true });
    const request = exporting.gatewayWatch.request('POST', '/v1/chat', undefined);
    await exporting.telemetry.step('intent', { ...stored.envelope, traceparent: request.traceparent }, () =>
      Promise.resolve({ kind: 'ignored' }),
    );
    request.end(200);
    await exporting.stop();
    await new Promise((resolve) => collector.close(resolve));
    expect(got.map(({ path }) => path)).toEqual(['/v1/traces']);
    expect(got[0]?.body).toContain('POST /v1/chat');
    expect(got[0]?.body).toContain('intent');
    expect(got[0]?.body).not.toContain('hello');
  });
});
