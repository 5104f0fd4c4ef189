import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { EventId } from '../../events/envelope.ts';
import { PlatformError } from '../errors/index.ts';
import { derivedId } from '../runtime/ids.ts';
import { startBroker, type TestServer } from '../testing/broker.ts';
import { incoming, newSession, opening } from '../testing/rig.ts';
import { tailOf, type Tail } from './append.ts';
import { jetstreamLog } from './jetstream.ts';
import type { Log, SessionRef, Stored } from './log.ts';
import { provision } from './provision.ts';
import { TIMERS } from './streams.ts';
import { provisionTicks, TICKS, tickHost, timerSetter, type SetTimer } from './timers.ts';

const SOON_MS = 300;
const PATIENCE = { timeout: 20_000, interval: 50 };

describe('rule 10: a timer', () => {
  let broker: TestServer;
  let nc: NatsConnection;
  let log: Log;
  let setTimer: SetTimer;
  let running: { stop(): Promise<void> } | undefined;

  beforeAll(async () => {
    broker = await startBroker();
    nc = await broker.nc();
    await provision(nc, { replicas: 1, durables: [] });
    await provisionTicks(nc);
    log = jetstreamLog(nc);
    setTimer = timerSetter(nc);
  });
  afterEach(async () => {
    await running?.stop();
    running = undefined;
  });
  afterAll(() => broker.stop());

  const tickId = (decision: EventId) => derivedId(decision, 'timer', 0);
  const host = async (tail: Tail = tailOf(log)) => {
    running = await tickHost(nc, tail, tickId, () => new Date());
  };
  const later = (ms: number) => new Date(Date.now() + ms);
  /** A decision of a session that exists, and that is to set a timer. */
  const decision = async (): Promise<SessionRef & { readonly id: EventId }> => {
    const event = incoming(newSession(), opening());
    await tailOf(log).append(event);
    return event;
  };
  const fired = async (ref: SessionRef): Promise<readonly Stored[]> =>
    (await log.scan(ref, 0, 99)).filter(({ envelope }) => envelope.type === 'timer.fired');
  /** Ticks that the server has made of this session's timers. */
  const ticks = async ({ tenant, session }: SessionRef): Promise<number> => {
    const jsm = await jetstreamManager(nc);
    const { state } = await jsm.streams.info(TIMERS, { subjects_filter: `tick.*.${tenant}.${session}.>` });
    return Object.values(state.subjects ?? {}).reduce((sum, n) => sum + n, 0);
  };
  const allTicksDone = async () => {
    const { num_pending: pending, num_ack_pending: working } = await (
      await jetstreamManager(nc)
    ).consumers.info(TIMERS, TICKS);
    return pending + working;
  };

  it('becomes one event that names the decision, in the session', async () => {
    await host();
    const set = await decision();
    await setTimer(set, later(SOON_MS));
    await expect.poll(() => fired(set), PATIENCE).toHaveLength(1);
    const [stored] = await fired(set);
    expect(stored?.envelope).toMatchObject({ id: tickId(set.id), causation: set.id, data: { timer: set.id } });
    expect(stored?.previous).toBeGreaterThan(0);
  });

  it('whose time has passed runs out at once', async () => {
    await host();
    const set = await decision();
    await setTimer(set, new Date(0));
    await expect.poll(() => fired(set), PATIENCE).toHaveLength(1);
  });

  it.each([
    ['earlier', 60_000, SOON_MS],
    ['later', SOON_MS, 2 * SOON_MS],
  ])('that is set again for %s is replaced', async (_what, first, second) => {
    await host();
    const [set, marker] = [await decision(), await decision()];
    await setTimer(set, later(first));
    await setTimer(set, later(second));
    await setTimer(marker, later(3 * SOON_MS));
    await expect.poll(() => fired(set), PATIENCE).toHaveLength(1);
    await expect.poll(() => fired(marker), PATIENCE).toHaveLength(1);
    expect(await ticks(set)).toBe(1);
    expect(await fired(set)).toHaveLength(1);
  });

  it('is off the clock once another one of the session is set instead, also where it is not on it any more', async () => {
    await host();
    const set = await decision();
    const next = { ...set, id: tickId(set.id) };
    const last = { ...set, id: tickId(next.id) };
    await setTimer(set, later(SOON_MS));
    await setTimer(next, later(2 * SOON_MS), set.id);
    await expect.poll(() => fired(set), PATIENCE).toHaveLength(1);
    await setTimer(last, later(1), next.id);
    await expect.poll(() => fired(set), PATIENCE).toHaveLength(2);
    const timers = (await fired(set)).map(({ envelope }) => envelope.data);
    expect(timers).toEqual([{ timer: next.id }, { timer: last.id }]);
    expect(await ticks(set)).toBe(2);
  });

  it('runs out though the server was restarted meanwhile, also if its time came while it was away', async () => {
    const [during, after] = [await decision(), await decision()];
    await setTimer(during, later(1));
    await setTimer(after, later(1_500));
    await broker.restart();
    await host();
    await expect.poll(() => fired(during), PATIENCE).toHaveLength(1);
    await expect.poll(() => fired(after), PATIENCE).toHaveLength(1);
  });

  it('is one event though its tick comes again, because nobody knew that it was stored', async () => {
    const set = await decision();
    const tail = tailOf(log);
    let attempts = 0;
    await host({
      ...tail,
      async append(event, hint) {
        const placed = await tail.append(event, hint);
        if (++attempts === 1) throw new PlatformError('log.unavailable', 'the answer was lost', { retry: 'later' });
        return placed;
      },
    });
    await setTimer(set, later(1));
    await expect.poll(() => attempts, PATIENCE).toBe(2);
    await expect.poll(allTicksDone, PATIENCE).toBe(0);
    expect(await fired(set)).toHaveLength(1);
  });

  it('is let go where its event can never be stored', async () => {
    const set = await decision();
    let attempts = 0;
    await host({
      ...tailOf(log),
      append() {
        attempts++;
        return Promise.reject(new PlatformError('session.erased', 'the session was erased', { retry: 'never' }));
      },
    });
    await setTimer(set, later(1));
    await expect.poll(() => attempts, PATIENCE).toBe(1);
    await expect.poll(allTicksDone, PATIENCE).toBe(0);
  });

  it('that cannot be set now says so, and does not count against the function that sets it', async () => {
    const away = await broker.nc();
    const set = timerSetter(away);
    await away.close();
    const setting = set(await decision(), later(SOON_MS));
    await expect(setting).rejects.toMatchObject({ code: 'log.unavailable', retry: 'later' });
  });
});
