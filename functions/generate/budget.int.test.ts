import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { fc, it as property } from '@fast-check/vitest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { brokerUser, groupRole, inboxOf } from '../../shared/access/roles.ts';
import { provision } from '../../shared/log/provision.ts';
import { startBroker, type TestServer } from '../../shared/testing/broker.ts';
import { groupsOf } from '../index.ts';
import { dayOf } from './budget.ts';
import { serverCounters } from '../../shared/log/counters.ts';
import { saying, startModelServer, type ModelServer } from './model-server.fixture.ts';
import { tokensOf } from './tokens.ts';

const run = promisify(execFile);
const SCRIPT = fileURLToPath(new URL('spending.fixture.ts', import.meta.url));
const MOST = tokensOf({ messages: [{ role: 'user', content: 'May I?' }], maxTokens: 100 }) + 100;
const DAY = '2026-11-20';

let broker: TestServer;
let server: ModelServer;
beforeAll(async () => {
  broker = await startBroker();
  server = await startModelServer(saying('Yes.', 20));
  await provision(await broker.nc(), { replicas: 1, durables: [] });
});
afterAll(async () => {
  await server.close();
  await broker.stop();
});

const spend = async (tokensPerDay: number, times: number): Promise<readonly string[]> => {
  const url = `${server.base}/chat/completions`;
  const { stdout } = await run(process.execPath, [SCRIPT, broker.url, url, String(tokensPerDay), String(times)]);
  return JSON.parse(stdout) as string[];
};

describe('a tenant’s budget', () => {
  it('is one for all processes, and is not exceeded by what they do at once', { timeout: 30_000 }, async () => {
    const budget = serverCounters(await broker.nc());
    // Room for three at a time, and in the end for less than one more.
    const limit = MOST * 3;
    const both = (await Promise.all([spend(limit, 10), spend(limit, 10)])).flat();
    const said = both.filter((it) => it === 'said').length;
    expect(said).toBeGreaterThanOrEqual(3);
    expect(both.filter((it) => it !== 'said')).toEqual(Array(20 - said).fill('over-budget'));
    expect(server.received).toHaveLength(said);
    expect(await budget.add('acme', DAY, 0)).toBe(said * 20);
    expect(said * 20).toBeLessThanOrEqual(limit);
  });

  it('survives a restart of everything', async () => {
    const before = await serverCounters(await broker.nc()).add('acme', DAY, 5);
    await broker.restart();
    expect(await serverCounters(await broker.nc()).add('acme', DAY, 0)).toBe(before);
    expect(await spend(before + MOST - 1, 1)).toEqual(['over-budget']);
    expect(await spend(before + MOST, 1)).toEqual(['said']);
  });

  property.prop([fc.array(fc.integer({ min: -1_000, max: 1_000 }), { maxLength: 20 }), fc.uuid()], { numRuns: 20 })(
    'is the sum of what was counted, whoever counted it in whatever order',
    async (steps, day) => {
      const [one, other] = [serverCounters(await broker.nc()), serverCounters(await broker.nc())];
      await Promise.all(steps.map((step, i) => (i % 2 === 0 ? one : other).add('acme', day, step)));
      expect(await one.add('acme', day, 0)).toBe(steps.reduce((a, b) => a + b, 0));
    },
  );

  it('begins anew at midnight, UTC, and is of one tenant', async () => {
    const budget = serverCounters(await broker.nc());
    expect(dayOf(new Date('2026-11-20T23:59:59.999Z'))).not.toBe(dayOf(new Date('2026-11-21T00:00:00Z')));
    expect(await budget.add('acme', '2026-11-21', 7)).toBe(7);
    expect(await budget.add('globex', '2026-11-21', 1)).toBe(1);
  });
});

describe('who counts', () => {
  it('is whoever asks models, and nobody else', async () => {
    const groups = [...groupsOf('chained'), ...groupsOf('hop-by-hop')];
    const counting = groups.map(groupRole).filter(({ publish }) => publish.some((it) => it.startsWith('spent.')));
    expect(counting.map(({ user }) => user)).toEqual(['outside', 'generate']);

    const users = counting.map((role) => brokerUser(role, 'secret'));
    const guarded = await startBroker({
      users: [...users, { user: 'op', password: 'op', publish: ['>'], subscribe: ['>'] }],
    });
    try {
      await provision(await guarded.nc({ user: 'op', pass: 'op' }), { replicas: 1, durables: [] });
      for (const { user } of counting) {
        const nc = await guarded.nc({ user, pass: 'secret', inboxPrefix: inboxOf(user) });
        expect(await serverCounters(nc).add(user, DAY, 3)).toBe(3);
      }
    } finally {
      await guarded.stop();
    }
  });
});
