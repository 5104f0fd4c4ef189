import { expect, it } from 'vitest';
import { lateMetrics } from './late-metrics.ts';
import { readMetrics } from './metrics.fixture.ts';
import { startMetrics } from './metrics.ts';

const REDELIVERIES = 'turnstream_redeliveries_total{function="intent"}';

it('what is counted before the library is there is not lost, nor counted twice', async () => {
  let loads = 0;
  const metrics = lateMetrics(() => {
    loads++;
    return Promise.resolve(startMetrics());
  }, 60_000);
  metrics.redelivery('intent');
  expect(loads).toBe(0);
  const [first, second] = await Promise.all([metrics.text(), metrics.text()]);
  expect(readMetrics(first).get(REDELIVERIES)).toBe(1);
  expect(second).toBe(first);
  expect(loads).toBe(1);
  await metrics.stop();
});

it('the library comes by itself, and every kind of count passes through', async () => {
  let loaded = false;
  const metrics = lateMetrics(() => {
    loaded = true;
    return Promise.resolve(startMetrics());
  }, 1);
  metrics.request('GET', '/v1/chat', 200, 1);
  metrics.turnEnded('acme', 'replied');
  await expect.poll(() => loaded).toBe(true);
  metrics.turnTook('replied', 1);
  metrics.step('intent', 'appended', 1);
  metrics.redelivery('intent');
  metrics.conflict('policy');
  metrics.deadLetter('ts-turn', 'event.malformed');
  metrics.watchConsumers(() => Promise.resolve([{ consumer: 'ts-turn', lag: 1, ackPending: 1 }]));
  metrics.relayed('turn', '202', 1);
  metrics.callEnded('twilio', 'hung-up', 60_000);
  metrics.callFlaw('twilio', 'late');
  metrics.watchRelay(() => [{ group: 'turn', inFlight: 1, waiting: 1, breaker: 'half-open' }]);
  metrics.watchBreakers('action', () => 1);
  const counted = [...readMetrics(await metrics.text())].filter(
    ([name, value]) =>
      value === 1 &&
      /^(?:turnstream|http).*(?:_count|_total|_lag|_pending|_flight|_waiting|_breaker|_open)\{/u.test(name),
  );
  expect(counted).toHaveLength(16);
  await metrics.stop();
});

it('stops without the library ever having been there', async () => {
  await expect(lateMetrics(() => Promise.reject(new Error('not wanted'))).stop()).resolves.toBeUndefined();
});
