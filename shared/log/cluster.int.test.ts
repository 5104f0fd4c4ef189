import type { NatsConnection } from '@nats-io/nats-core';
import { jetstreamManager } from '@nats-io/jetstream';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Envelope } from '../../events/envelope.ts';
import { stepFailed } from '../../events/understanding.ts';
import { PlatformError } from '../errors/index.ts';
import { startCluster, type TestCluster } from '../testing/broker.ts';
import { incoming, newSession, opening, saying } from '../testing/rig.ts';
import { tailOf, type Tail } from './append.ts';
import { jetstreamLog } from './jetstream.ts';
import type { Log, SessionRef, Stored } from './log.ts';
import { describeLog } from './log.contract.ts';
import { provision } from './provision.ts';
import { readSession } from './read.ts';
import { CONVERSATIONS } from './streams.ts';

const SERVERS = 3;
const WRITERS = 20;
const PATIENCE = { timeout: 60_000, interval: 20 };
const DISTURBED_MS = 180_000;
/** Short, so that a test does not wait long for an answer that cannot come. */
const ANSWER_MS = 1_500;

async function startLog(): Promise<{ readonly cluster: TestCluster; readonly nc: NatsConnection }> {
  const cluster = await startCluster(SERVERS);
  const nc = await cluster.nc();
  await provision(nc, { replicas: 3, durables: [] });
  return { cluster, nc };
}

describeLog('on three servers', async () => {
  const { cluster, nc } = await startLog();
  return { log: jetstreamLog(nc), stop: () => cluster.stop() };
});

describe('the log on three servers, disturbed', () => {
  let cluster: TestCluster;
  /** One through each server, whichever of them leads. */
  let logs: readonly Log[];
  let ask: NatsConnection;

  beforeAll(async () => {
    ({ cluster, nc: ask } = await startLog());
    const connections = await Promise.all([0, 1, 2].map((i) => cluster.server(i).nc()));
    logs = connections.map((nc) => jetstreamLog(nc, { timeoutMs: ANSWER_MS }));
  });
  afterAll(() => cluster.stop());

  const logOf = (i: number): Log => logs[i % SERVERS] ?? expect.fail();
  const leader = async (): Promise<number | undefined> => {
    const jsm = await jetstreamManager(ask, { timeout: ANSWER_MS });
    const name = (await jsm.streams.info(CONVERSATIONS)).cluster?.leader;
    return name ? Number(name.split('-')[1]) : undefined;
  };
  const stepDown = () => ask.request(`$JS.API.STREAM.LEADER.STEPDOWN.${CONVERSATIONS}`, '', { timeout: ANSWER_MS });
  /** Like every caller: what has an unknown outcome is repeated with the same id. */
  const insist = (tail: Tail, event: Envelope) => vi.waitFor(() => tail.append(event), PATIENCE);
  const said = (ref: SessionRef, i: number) => incoming(ref, i % 2 ? saying(`${i}`) : FAILED);

  /** Many events of several sessions through all servers at once; `disturb` is called now and then meanwhile. */
  async function writeUnder(disturb: (round: number) => Promise<unknown>, rounds: number) {
    const refs = [newSession(), newSession(), newSession()];
    const tails = logs.map((log) => tailOf(log));
    const written: Envelope[] = refs.map((ref) => incoming(ref, opening()));
    await Promise.all(written.map((event) => insist(tails[0] ?? expect.fail(), event)));
    for (let round = 0; round < rounds; round++) {
      const events = Array.from({ length: 24 }, (_, i) => said(refs[i % refs.length] ?? expect.fail(), i));
      const appending = Promise.all(events.map((event, i) => insist(tails[i % SERVERS] ?? expect.fail(), event)));
      await disturb(round);
      await appending;
      written.push(...events);
    }
    return { refs, written };
  }

  /** Everything written is there once, on one chain, and every server says the same. */
  async function expectAll({ refs, written }: Awaited<ReturnType<typeof writeUnder>>) {
    for (const ref of refs) {
      const mine = written.filter(({ session }) => session === ref.session);
      const reads = await Promise.all(logs.map((log) => vi.waitFor(() => readAll(log, ref, mine.length), PATIENCE)));
      for (const read of reads) {
        expect(read.map(({ envelope }) => envelope.id).sort()).toEqual(mine.map(({ id }) => id).sort());
        expect(read.map(({ previous }) => previous)).toEqual([0, ...read.slice(0, -1).map((s) => s.position)]);
        expect(read).toEqual(reads[0]);
      }
    }
  }
  const readAll = async (log: Log, ref: SessionRef, least: number): Promise<readonly Stored[]> => {
    const read = await readSession(log, ref);
    // A replica may lag behind; what it has must be without a gap all the same.
    if (read.length < least) throw new Error('not there yet');
    return read;
  };

  it('rule 5: lets one of many win that expect the same, whatever type they write and wherever', async () => {
    const ref = newSession();
    let end = 0;
    for (let round = 0; round < 10; round++) {
      const expected = end;
      const tries = Array.from({ length: WRITERS }, (_, i) => logOf(i).append(said(ref, i), expected));
      const results = await Promise.all(tries);
      const won = results.filter((r) => r.kind === 'appended');
      expect(won).toHaveLength(1);
      // The others learn where the session stands, or that they have to ask again.
      const told = results.flatMap((r) => (r.kind === 'conflict' && r.last !== undefined ? [r.last] : []));
      end = won[0]?.stored.position ?? 0;
      expect(new Set(told).size).toBeLessThanOrEqual(1);
      for (const last of told) expect(last).toBe(end);
    }
    expect(await readSession(logOf(0), ref, { through: end })).toHaveLength(10);
  });

  it('rule 5: stores an event once that is sent through every server at the same time', async () => {
    for (let round = 0; round < 10; round++) {
      const event = incoming(newSession(), opening());
      const placed = await Promise.all(logs.map((log) => insist(tailOf(log), event)));
      const positions = placed.map((p) => (p.kind === 'appended' ? p.stored.position : p.position));
      expect(new Set(positions).size).toBe(1);
    }
  });

  it(
    'loses and doubles nothing while its leader changes again and again',
    async () => {
      await expectAll(await writeUnder(() => vi.waitFor(stepDown, PATIENCE), 6));
    },
    DISTURBED_MS,
  );

  it(
    'loses and doubles nothing while the server that leads is killed and comes back',
    async () => {
      let gone: number | undefined;
      const written = await writeUnder(async (round) => {
        if (round === 1) {
          gone = await vi.waitFor(leader, PATIENCE);
          await cluster.server(gone ?? 0).kill();
        }
        if (round === 3) await cluster.server(gone ?? 0).restart();
      }, 4);
      await vi.waitFor(() => cluster.led(), PATIENCE);
      await expectAll(written);
    },
    DISTURBED_MS,
  );

  it(
    'takes nothing without a majority, leaves nothing half-done, and goes on with one',
    async () => {
      const ref = newSession();
      const before = await insist(tailOf(logOf(0)), incoming(ref, opening()));
      const position = before.kind === 'appended' ? before.stored.position : before.position;
      const leaving = newSession();
      await insist(tailOf(logOf(0)), incoming(leaving, opening()));
      await cluster.server(1).kill();
      await cluster.server(2).kill();

      const refused = incoming(ref, saying('nobody hears this'));
      const attempt = (event: Envelope) => logOf(0).append(event, position);
      await expect(attempt(refused)).rejects.toMatchObject({ code: 'log.unavailable', retry: 'later' });
      // A leader that has not noticed yet that it is alone holds on to it, and lets nothing else in.
      const later = await attempt(incoming(ref, saying('nor this'))).catch((error: unknown) => error);
      expect([{ kind: 'conflict', last: undefined }, { code: 'log.unavailable' }]).toContainEqual(
        later instanceof PlatformError ? { code: later.code } : later,
      );
      const tail = tailOf(logOf(0));
      await expect(tail.append(incoming(ref, saying('nor that')))).rejects.toMatchObject({ retry: 'later' });
      await expect(logOf(0).purge(leaving, position + 1)).rejects.toMatchObject({ code: 'log.unavailable' });

      await cluster.server(1).restart();
      await cluster.server(2).restart();
      await vi.waitFor(() => cluster.led(), PATIENCE);
      await insist(tailOf(logOf(1)), refused);
      await insist(tailOf(logOf(2)), incoming(ref, saying('and on it goes')));
      for (const log of logs) {
        const read = await vi.waitFor(() => readAll(log, ref, 3), PATIENCE);
        expect(read.map(({ envelope }) => envelope.type)).toEqual([
          'session.opened',
          'utterance.received',
          'utterance.received',
        ]);
        expect(read[1]?.envelope.id).toBe(refused.id);
      }
      // A leader that was alone may have kept the wish, and carried it out when it had followers again: wholly or not at all.
      await vi.waitFor(async () => {
        const left = await Promise.all(logs.map((log) => readSession(log, leaving)));
        expect(new Set(left.map(({ length }) => length)).size).toBe(1);
      }, PATIENCE);
    },
    DISTURBED_MS,
  );
});

const FAILED = stepFailed({ step: 'intent', reason: 'failed', attempts: 1 });
