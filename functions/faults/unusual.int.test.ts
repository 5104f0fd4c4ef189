import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { headers } from '@nats-io/nats-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { writeBinary } from '../../shared/cloudevents/write.ts';
import type { SessionRef } from '../../shared/log/log.ts';
import { tailOf } from '../../shared/log/append.ts';
import { readSession } from '../../shared/log/read.ts';
import { CONVERSATIONS, DEAD_LETTERS } from '../../shared/log/streams.ts';
import { eventSubject } from '../../shared/log/subjects.ts';
import { endingOf } from '../../shared/runtime/place.ts';
import type { Failpoint } from '../../shared/runtime/failpoint.ts';
import { incoming, newSession, saying, typesOf } from '../../shared/testing/rig.ts';
import { checkSession } from '../../shared/verify/invariants.ts';
import { deploy, type Deployment } from './deployment.ts';
import { supervise, type Supervised } from './supervised.ts';
import { transcriptOf } from './transcript.ts';

const ACK_WAIT_MS = 500;
const TIMEOUT = { timeout: 60_000 };
let d: Deployment;
let turn: Supervised;

beforeAll(async () => {
  d = await deploy({ hosting: 'chained', ackWaitMs: ACK_WAIT_MS });
  const [process] = d.processes.get('turn') ?? [];
  if (!process) throw new Error('there is no process');
  turn = process;
});
afterAll(() => d.stop());

async function arm(failpoint: Failpoint): Promise<number> {
  await turn.ready();
  await d.nc.request('faults.arm.turn', failpoint);
  return turn.deaths() + 1;
}
const died = (deaths: number) => expect.poll(() => turn.deaths(), { timeout: 10_000 }).toBe(deaths);
const lettersOf = async ({ tenant }: SessionRef) => {
  const jsm = await jetstreamManager(d.nc);
  const { state } = await jsm.streams.info(DEAD_LETTERS, { subjects_filter: `dead.${tenant}.>` });
  return Object.values(state.subjects ?? {}).reduce((sum, n) => sum + n, 0);
};
const unacknowledged = async () =>
  (await (await jetstreamManager(d.nc)).consumers.info(CONVERSATIONS, 'ts-turn')).num_ack_pending;

describe('a message that is not an event', () => {
  it.each(['pull.before-dead-letter', 'pull.after-dead-letter'] as const)(
    'is kept once, although the process dies at %s',
    TIMEOUT,
    async (failpoint) => {
      const deaths = await arm(failpoint);
      const ref = newSession(`tenant-${deaths}` as SessionRef['tenant']);
      const hdrs = headers();
      hdrs.set('ce-id', 'no id');
      await jetstream(d.nc).publish(eventSubject({ ...ref, type: 'utterance.received' }), '{}', { headers: hdrs });
      await died(deaths);
      await expect.poll(unacknowledged, { timeout: 10_000 }).toBe(0);
      expect(await lettersOf(ref)).toBe(1);
    },
  );
});

describe('an event of a revision that is still to come', () => {
  it('is kept for those who can read it, however often it comes and processes die over it', TIMEOUT, async () => {
    const ref = await d.open();
    const event = incoming(ref, saying('hello'), { revision: 99 });
    await tailOf(d.log).append(event);
    for (const failpoint of ['pull.before-acquitting', 'pull.after-acquitting'] as const)
      await died(await arm(failpoint));
    // More often than what kills its process may come.
    const deliveries = async () =>
      (await (await jetstreamManager(d.nc)).consumers.info(CONVERSATIONS, 'ts-turn')).num_redelivered;
    await expect.poll(deliveries, { timeout: 10_000 }).toBe(1);
    const jsm = await jetstreamManager(d.nc);
    const delivered = async () => (await jsm.consumers.info(CONVERSATIONS, 'ts-turn')).delivered.consumer_seq;
    const before = await delivered();
    await expect.poll(delivered, { timeout: 20_000 }).toBeGreaterThan(before + 6);
    expect(await typesOf(d.log, ref)).toEqual(['session.opened', 'utterance.received']);
    // Others go on meanwhile.
    const other = await d.open();
    await d.ended(other, await d.say(other, 'hello'), 5_000);
  });
});

describe('a function behind HTTP', () => {
  let served: Supervised;
  const serveWith = (...first: readonly string[]) => {
    served = supervise('http-process.ts', [], { TURNSTREAM_NATS_URL: d.broker.url }, first);
  };
  beforeAll(() => Promise.all([...d.processes.values()].flat().map((p) => p.stop())));
  afterEach(() => served.stop());

  /** Posts an event as a relay does, until it is taken. */
  async function relay(ref: SessionRef, id: string): Promise<void> {
    const stored = (await readSession(d.log, ref)).find(({ envelope }) => envelope.id === id);
    if (!stored) throw new Error('there is no such event');
    for (let attempt = 1; attempt < 20; attempt++) {
      const [, url = ''] = (await served.ready()).split(/\s/u);
      const deaths = served.deaths();
      const { headers: sent, body } = writeBinary(stored, attempt);
      const status = await fetch(url, { method: 'POST', headers: sent, body }).then(
        (response) => response.status,
        () => 0,
      );
      if (status === 202 || status === 204) return;
      // Nobody there is no delivery: the next one goes to the process that is started again.
      if (status === 0)
        await expect.poll(() => served.deaths(), { timeout: 10_000, interval: 5 }).toBeGreaterThan(deaths);
    }
    throw new Error('it was never taken');
  }

  /** Nothing but HTTP brings events to this tenant's functions: the deployment's own process is not asked. */
  async function talk(): Promise<readonly string[]> {
    const ref = await d.open();
    for (const text of ['where is my parcel', 'it is TS12345678']) {
      const id = await d.say(ref, text);
      await relay(ref, id);
      expect(endingOf(id, await readSession(d.log, ref))).toBeDefined();
    }
    const events = await readSession(d.log, ref);
    expect(checkSession(events)).toEqual([]);
    return transcriptOf(events);
  }

  it.each(['http.before-read', 'http.after-read', 'http.before-answer', 'chain.after-decider'] as const)(
    'answers once, although it dies at %s',
    TIMEOUT,
    async (failpoint) => {
      serveWith();
      const undisturbed = await talk();
      await served.stop();
      serveWith('--failpoint', failpoint);
      const disturbed = await talk();
      expect(served.deaths()).toBe(1);
      expect(disturbed).toEqual(undisturbed);
    },
  );
});
