import { jetstream, jetstreamManager, type ConsumerInfo } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { intentNotRecognised, utteranceReceived } from '../../events/understanding.ts';
import { defineReaction } from '../function/define.ts';
import { deadLetters } from '../log/dead-letters.ts';
import { jetstreamLog } from '../log/jetstream.ts';
import type { Log, SessionRef, Stored } from '../log/log.ts';
import { provision } from '../log/provision.ts';
import { CONVERSATIONS, DEAD_LETTERS } from '../log/streams.ts';
import { eventSubject, sessionSubject, typeSubject } from '../log/subjects.ts';
import { suspectsOf } from '../log/suspects.ts';
import { startBroker, type TestServer } from '../testing/broker.ts';
import { incoming, newSession, saying, testHost } from '../testing/rig.ts';
import type { Group } from './chain.ts';
import { ACK_WAIT_MS, durableFrom } from './durable.fixture.ts';
import { onFailpoint } from './failpoint.ts';
import { describeHost, type Verdict } from './host.contract.ts';
import type { Host } from './host.ts';
import { durableOf, pullHost } from './pull.ts';

const PATIENCE = { timeout: 15_000, interval: 10 };

interface Rig {
  readonly broker: TestServer;
  readonly nc: NatsConnection;
  readonly log: Log;
}

async function startRig(): Promise<Rig> {
  const broker = await startBroker();
  const nc = await broker.nc();
  await provision(nc, { replicas: 1, durables: [] });
  return { broker, nc, log: jetstreamLog(nc) };
}

const infoOf = async (nc: NatsConnection, group: Group): Promise<ConsumerInfo> =>
  (await jetstreamManager(nc)).consumers.info(CONVERSATIONS, durableOf(group));

const open = ({ num_pending: waiting, num_ack_pending: working }: ConsumerInfo): number => waiting + working;

/** Runs a group until the one delivery is done with, or was found to have to come again. */
async function run({ nc }: Rig, group: Group, host: Host): Promise<Verdict> {
  let again = false;
  const telemetry: Host['telemetry'] = {
    ...host.telemetry,
    outcome: (_fn, _delivery, { kind }) => {
      again ||= kind === 'retry';
    },
  };
  onFailpoint((name) => {
    again ||= name === 'pull.before-acquitting';
  });
  const running = await pullHost({
    nc,
    group,
    host: { ...host, telemetry },
    deadLetters: deadLetters(nc),
    concurrency: 4,
  });
  await expect.poll(async () => again || open(await infoOf(nc, group)) === 0, PATIENCE).toBe(true);
  await running.stop();
  onFailpoint(undefined);
  if (open(await infoOf(nc, group)) > 0) return 'redeliver';
  const jsm = await jetstreamManager(nc);
  const { state } = await jsm.streams.info(DEAD_LETTERS, { subjects_filter: `dead.*.${durableOf(group)}` });
  return state.subjects ? 'dead-letter' : 'settled';
}

describeHost('that pulls from JetStream', async () => {
  const rig = await startRig();
  const { nc, log } = rig;
  let serial = 0;
  const alone = (group: Group): Group => ({ ...group, name: `contract-${serial++}` });
  return {
    log,
    async deliver(given, { envelope, position }, host, attempt) {
      const group = alone(given);
      await durableFrom(nc, group, eventSubject(envelope), position);
      if (attempt > 1) {
        // As another process would have left it that died over it.
        const taken = await (await jetstream(nc).consumers.get(CONVERSATIONS, durableOf(group))).next();
        await suspectsOf(nc, durableOf(group)).note(position, attempt - 2);
        taken?.nak();
      }
      return run(rig, group, host);
    },
    async deliverNoEvent(given, host) {
      const group = alone(given);
      const subject = `${sessionSubject(newSession()).slice(0, -1)}utterance.received`;
      const { seq } = await jetstream(nc).publish(subject, 'neither headers nor JSON');
      await durableFrom(nc, group, subject, seq);
      return run(rig, group, host);
    },
    stop: () => rig.broker.stop(),
  };
});

describe('a graceful stop', () => {
  const BUFFERED = 50;
  const CONCURRENCY = 5;
  let rig: Rig;
  beforeAll(async () => {
    rig = await startRig();
  });
  afterAll(() => rig.broker.stop());

  /** Answers each utterance, the first ones only once they are let go; counts runs by event. */
  function answering(hold: number, onRun: (id: string) => void = () => undefined) {
    const runs = new Map<string, number>();
    const gates: (() => void)[] = [];
    const fn = defineReaction({
      name: 'answering',
      on: [utteranceReceived],
      emits: [intentNotRecognised],
      limits: { timeoutMs: 60_000, attempts: 1 },
      failure: 'step-failed',
      async handle({ id }) {
        runs.set(id, (runs.get(id) ?? 0) + 1);
        onRun(id);
        if (runs.size <= hold) await new Promise<void>((resolve) => void gates.push(resolve));
        return [intentNotRecognised({ best: [], model: 'test@1' })];
      },
    });
    const letGo = () => {
      for (const release of gates.splice(0)) release();
    };
    return { fn, runs, begun: () => gates.length, letGo };
  }

  const write = async (refs: readonly SessionRef[]): Promise<readonly Stored[]> => {
    const placed = await Promise.all(refs.map((ref) => rig.log.append(incoming(ref, saying('hello')), 0)));
    return placed.flatMap((p) => (p.kind === 'appended' ? [p.stored] : []));
  };
  const start = async (name: string, fn: Group['functions'][number], concurrency: number) => {
    const nc = await rig.broker.nc();
    const log = jetstreamLog(nc);
    return pullHost({
      nc,
      group: { name, functions: [fn] },
      host: testHost(log),
      deadLetters: deadLetters(nc),
      concurrency,
    });
  };
  const answersTo = (stored: Stored) => rig.log.scan(stored.envelope, stored.position, 9);

  it('loses and doubles none of 50 buffered deliveries: another process has them at once', async () => {
    const name = 'stopping';
    const stored = await write(Array.from({ length: BUFFERED }, () => newSession()));
    const group: Group = { name, functions: [] };
    await durableFrom(rig.nc, group, typeSubject(utteranceReceived.type), stored[0]?.position ?? 0);

    const slow = answering(BUFFERED);
    const first = await start(name, slow.fn, CONCURRENCY);
    await expect.poll(slow.begun, PATIENCE).toBe(CONCURRENCY);
    // At least as many again are in the client, and have not begun.
    await expect
      .poll(async () => (await infoOf(rig.nc, group)).num_ack_pending, PATIENCE)
      .toBeGreaterThanOrEqual(2 * CONCURRENCY);

    const began = performance.now();
    const stopping = first.stop();
    const quick = answering(0);
    const second = await start(name, quick.fn, CONCURRENCY);
    // Everything but what the first process works on, although it has not finished that.
    await expect.poll(() => quick.runs.size, PATIENCE).toBe(BUFFERED - CONCURRENCY);
    expect(performance.now() - began).toBeLessThan(ACK_WAIT_MS / 2);

    slow.letGo();
    await stopping;
    await expect.poll(async () => open(await infoOf(rig.nc, group)), PATIENCE).toBe(0);
    await second.stop();
    expect(slow.runs.size).toBe(CONCURRENCY);
    expect([...slow.runs.keys()].filter((id) => quick.runs.has(id))).toEqual([]);
    for (const each of stored) expect(await answersTo(each)).toHaveLength(1);
  }, 60_000);

  it('is no reason to suspect what it gives back: the next process works on it side by side', async () => {
    const group: Group = { name: 'stopping-unharmed', functions: [] };
    const stored = await write(Array.from({ length: 2 * CONCURRENCY }, () => newSession()));
    await durableFrom(rig.nc, group, typeSubject(utteranceReceived.type), stored[0]?.position ?? 0);
    const slow = answering(2 * CONCURRENCY);
    const first = await start(group.name, slow.fn, CONCURRENCY);
    await expect.poll(slow.begun, PATIENCE).toBe(CONCURRENCY);
    await expect.poll(async () => (await infoOf(rig.nc, group)).num_ack_pending, PATIENCE).toBe(2 * CONCURRENCY);
    const stopping = first.stop();
    const next = answering(2 * CONCURRENCY);
    const second = await start(group.name, next.fn, CONCURRENCY);
    await expect.poll(next.begun, PATIENCE).toBe(CONCURRENCY);
    slow.letGo();
    next.letGo();
    await stopping;
    await expect.poll(async () => open(await infoOf(rig.nc, group)), PATIENCE).toBe(0);
    await second.stop();
  }, 60_000);

  it('gives back what waits behind another delivery of its session as well', async () => {
    const name = 'stopping-lane';
    const group: Group = { name, functions: [] };
    const ref = newSession();
    const [first] = await write([ref]);
    const second = await rig.log.append(incoming(ref, saying('again')), first?.position ?? 0);
    await durableFrom(rig.nc, group, eventSubject({ ...ref, type: utteranceReceived.type }), first?.position ?? 0);

    const slow = answering(2);
    const one = await start(name, slow.fn, CONCURRENCY);
    await expect.poll(slow.begun, PATIENCE).toBe(1);
    await expect.poll(async () => (await infoOf(rig.nc, group)).num_ack_pending, PATIENCE).toBe(2);
    const stopping = one.stop();
    const quick = answering(0);
    const other = await start(name, quick.fn, CONCURRENCY);
    await expect.poll(() => quick.runs.size, PATIENCE).toBe(1);
    slow.letGo();
    await stopping;
    await other.stop();
    expect(slow.runs.size).toBe(1);
    expect(second.kind).toBe('appended');
    expect(open(await infoOf(rig.nc, group))).toBe(0);
  }, 60_000);

  it('hands over what was on its way to the process as well', async () => {
    const group: Group = { name: 'stopping-often', functions: [] };
    const stored = await write(Array.from({ length: 10 * BUFFERED }, () => newSession()));
    await durableFrom(rig.nc, group, typeSubject(utteranceReceived.type), stored[0]?.position ?? 0);
    const runs = new Map<string, number>();
    const began = performance.now();
    while (runs.size < stored.length) {
      const before = runs.size;
      const stopped = Promise.withResolvers<unknown>();
      const { fn } = answering(0, (id) => {
        runs.set(id, (runs.get(id) ?? 0) + 1);
        // In the middle of a batch.
        if (runs.size > before + CONCURRENCY || runs.size === stored.length) void running.stop().then(stopped.resolve);
      });
      const running = await start(group.name, fn, CONCURRENCY);
      await stopped.promise;
    }
    expect(performance.now() - began).toBeLessThan(ACK_WAIT_MS);
    expect(open(await infoOf(rig.nc, group))).toBe(0);
    expect([...runs.values()].every((times) => times === 1)).toBe(true);
  }, 60_000);

  it('of a process that has nothing to do takes no time', async () => {
    const group: Group = { name: 'idle', functions: [] };
    await durableFrom(rig.nc, group, 'conv.0.nobody.>', 1);
    const running = await start('idle', answering(0).fn, CONCURRENCY);
    await running.stop();
    expect((await infoOf(rig.nc, group)).num_ack_pending).toBe(0);
  });
});
