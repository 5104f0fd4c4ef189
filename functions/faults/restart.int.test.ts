import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { endings } from '../../events/catalogue.ts';
import type { EventId, SessionId } from '../../events/envelope.ts';
import { PlatformError } from '../../shared/errors/index.ts';
import { tailOf } from '../../shared/log/append.ts';
import { jetstreamLog } from '../../shared/log/jetstream.ts';
import type { SessionRef } from '../../shared/log/log.ts';
import { DEMO } from '../../shared/tenancy/authenticate.ts';
import { incoming, saying } from '../../shared/testing/rig.ts';
import { checkSession } from '../../shared/verify/invariants.ts';
import { bot, deploy, type Deployment } from './deployment.ts';
import { supervise } from './supervised.ts';

const CUSTOMERS = 10;
const CRASHES = 3;
/** How fast a customer types; without it, the load would be as much as the machine can take. */
const PAUSE_MS = 200;
const RECOVERY_MS = 45_000;
const TIMEOUT = { timeout: 200_000 };

/** What a customer was told is accepted, in one session. */
interface Accepted {
  readonly ref: SessionRef;
  readonly turns: readonly EventId[];
}

/** How the load goes. */
interface Progress {
  refused: number;
  ended: number;
}

/** Says something and tells the turn; undefined: refused, to be repeated with the same key. */
type Say = (key: string) => Promise<{ readonly ref: SessionRef; readonly turn: EventId } | undefined>;

async function customer(say: Say, progress: Progress, signal: AbortSignal): Promise<Accepted | undefined> {
  const turns: EventId[] = [];
  let ref: SessionRef | undefined;
  for (let n = 0; !signal.aborted; n++) {
    const said = await say(`message-${n}`);
    if (said) {
      ref = said.ref;
      turns.push(said.turn);
    } else {
      n--;
      progress.refused++;
    }
    await delay(PAUSE_MS);
  }
  return ref && { ref, turns };
}

/** A load amid which the server dies again and again; then, whether everybody who was accepted was answered. */
async function survivesCrashes(d: Deployment, sayings: readonly Say[]): Promise<void> {
  const progress: Progress = { refused: 0, ended: 0 };
  d.log.follow({ types: endings.map(({ type }) => type) }, () => progress.ended++);
  const more = async (what: keyof Progress, by: number) => {
    const before = progress[what];
    await expect.poll(() => progress[what], { timeout: RECOVERY_MS }).toBeGreaterThanOrEqual(before + by);
  };
  const shop = new AbortController();
  const customers = sayings.map((say) => customer(say, progress, shop.signal));
  for (let crash = 0; crash < CRASHES; crash++) {
    await more('ended', CUSTOMERS * 2);
    await d.broker.kill();
    await more('refused', CUSTOMERS / 2);
    await d.broker.restart();
  }
  await more('ended', CUSTOMERS * 2);
  shop.abort();

  const accepted = (await Promise.all(customers)).filter((a) => a !== undefined);
  expect(accepted).toHaveLength(sayings.length);
  const since = performance.now();
  for (const { ref, turns } of accepted) {
    for (const turn of [turns.at(-1)].filter((t) => t !== undefined)) await d.ended(ref, turn, RECOVERY_MS);
    // Turns end in any order: the last one may end before the one before it.
    let events = await d.events(ref);
    const ended = () => events.filter(({ envelope }) => envelope.type.startsWith('turn.'));
    await expect
      .poll(
        async () => {
          events = await d.events(ref);
          return new Set(ended().map(({ envelope }) => envelope.turn));
        },
        { timeout: RECOVERY_MS },
      )
      .toEqual(new Set(turns));
    expect(checkSession(events)).toEqual([]);
    expect(new Set(ended().map(({ envelope }) => envelope.type))).toEqual(new Set(['turn.replied']));
  }
  const turns = accepted.reduce((sum, a) => sum + a.turns.length, 0);
  console.log(`${turns} turns, the last answered ${Math.round(performance.now() - since)} ms after the load`);
  for (const process of [...d.processes.values()].flat()) expect(process.deaths()).toBe(0);
}

describe.each(['chained', 'hop-by-hop'] as const)('a log that is killed and comes back, %s,', (hosting) => {
  it('loses nothing that it has accepted, and everything recovers by itself', TIMEOUT, async () => {
    const d = await deploy({ hosting, ackWaitMs: 2_000, sync: 'always' });
    const sayer = async (): Promise<Say> => {
      const tail = tailOf(jetstreamLog(await d.broker.nc()), 100);
      const ref = await d.open();
      const said = saying('hello');
      const draft = { ...said, data: { ...said.data, bot: { name: bot.name, hash: bot.hash } } };
      const events = new Map<string, ReturnType<typeof incoming>>();
      return async (key) => {
        const event = events.get(key) ?? incoming(ref, draft);
        events.set(key, event);
        const accepted = await tail.append(event).catch((error: unknown): undefined => {
          if (!(error instanceof PlatformError) || error.retry !== 'later') throw error;
          return undefined;
        });
        return accepted && { ref, turn: event.id };
      };
    };
    try {
      await survivesCrashes(d, await Promise.all(Array.from({ length: CUSTOMERS }, sayer)));
    } finally {
      await d.stop();
    }
  });
});

describe('a gateway whose log is killed and comes back', () => {
  it('says so meanwhile, and answers everything that it has accepted', TIMEOUT, async () => {
    const d = await deploy({ hosting: 'chained', ackWaitMs: 2_000, sync: 'always' });
    const dir = await mkdtemp(join(tmpdir(), 'turnstream-faults-'));
    await writeFile(join(dir, 'tenants.yml'), 'tenants: { demo: { bot: shop-helpdesk } }\n');
    const gateway = supervise('../gateway/main.ts', [], {
      TURNSTREAM_NATS_URL: d.broker.url,
      TURNSTREAM_TENANTS: join(dir, 'tenants.yml'),
      TURNSTREAM_SESSION_KEY: 'a key of the fault tests that nobody else has',
      TURNSTREAM_OPEN_DEMO: 'true',
      TURNSTREAM_HOST: '127.0.0.1',
      TURNSTREAM_PORT: '0',
      TURNSTREAM_OPS_PORT: '0',
    });
    const { url } = JSON.parse(await gateway.ready()) as { readonly url: string };
    const sayer =
      (name: string): Say =>
      async (key) => {
        const response = await fetch(`${url}/v1/chat`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', 'idempotency-key': `"${name}-${key}"`, prefer: 'wait=0' },
          body: JSON.stringify({ sessionId: name, query: 'hello', locale: 'en' }),
        });
        if (response.status === 503) expect(response.headers.get('retry-after')).toMatch(/^\d+$/u);
        if (response.status === 503 || response.status === 429) return undefined;
        expect([200, 202]).toContain(response.status);
        const { session, turn } = (await response.json()) as { readonly session: SessionId; readonly turn: EventId };
        return { ref: { tenant: DEMO, session }, turn };
      };
    try {
      await survivesCrashes(
        d,
        Array.from({ length: CUSTOMERS }, (_, i) => sayer(`customer-${i}`)),
      );
      expect(gateway.deaths()).toBe(0);
    } finally {
      await gateway.stop();
      await d.stop();
      await rm(dir, { recursive: true });
    }
  });
});
