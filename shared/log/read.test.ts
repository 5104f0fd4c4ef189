import { describe, expect, it } from 'vitest';
import { incoming, newSession, opening, saying } from '../testing/rig.ts';
import { stepFailed } from '../../events/understanding.ts';
import { tailOf } from './append.ts';
import { lagging } from './lagging.fixture.ts';
import type { Log, SessionRef, Stored } from './log.ts';
import { memoryLog } from './memory.ts';
import { isChain, readSession } from './read.ts';

const EVENTS = 20;

/** A session of 20 events of three types, with `between` events of other sessions before the last of them. */
async function written(
  between = 0,
): Promise<{ readonly log: Log; readonly ref: SessionRef; readonly all: readonly Stored[] }> {
  const log = memoryLog();
  const tail = tailOf(log);
  const ref = newSession();
  const draft = (i: number) => {
    if (i === 0) return opening();
    return i % 2 ? saying(`${i}`) : stepFailed({ step: 'intent', reason: 'failed', attempts: 1 });
  };
  for (let i = 0; i < EVENTS; i++) {
    if (i === EVENTS - 1) for (let n = 0; n < between; n++) await tail.append(incoming(newSession(), opening()));
    await tail.append(incoming(ref, draft(i)));
  }
  return { log, ref, all: await log.scan(ref, 0, EVENTS) };
}

/** Counts what is asked of a log: each of these is one round trip to the store. */
function counted(log: Log) {
  const trips: string[] = [];
  const counting: Log = {
    ...log,
    latest: (ref) => (trips.push('latest'), log.latest(ref)),
    at: (ref, position) => (trips.push('at'), log.at(ref, position)),
    scan: (ref, after, limit) => (trips.push('scan'), log.scan(ref, after, limit)),
  };
  return { trips, log: counting };
}

describe('reading a session of 20 events', () => {
  // Measured (nats-server 2.15, 100,000 messages in the stream): the server scans 0.15 µs for each message in between,
  // so a scan is one round trip when the session is near, and 20 ms when it is far. Far away, the newest event of each
  // type (80 µs) and a look at each other one (17 µs) cost less than to jump back by the newest of each type up to a
  // position, and as much time; decisions carry a snapshot, so that hardly anybody walks far.
  it('takes one round trip when it is near', async () => {
    const { log, ref, all } = await written();
    const { trips, log: counting } = counted(log);
    const [first, last] = [all[0]?.position ?? 0, all.at(-1)?.position ?? 0];
    expect(await readSession(counting, ref, { after: first, through: last })).toEqual(all.slice(1));
    expect(trips).toEqual(['scan']);
  });

  it('takes one for the newest of each type, and one for each other event, when it is far', async () => {
    const { log, ref, all } = await written(3_000);
    const { trips, log: counting } = counted(log);
    expect(await readSession(counting, ref, { through: all.at(-1)?.position ?? 0 })).toEqual(all);
    expect(trips).toEqual(['latest', ...Array.from({ length: EVENTS - 3 }, () => 'at')]);
  });

  it('takes none for what is at hand', async () => {
    const { log, ref, all } = await written(3_000);
    const { trips, log: counting } = counted(log);
    const known = all.slice(5);
    const read = await readSession(counting, ref, {
      after: all[4]?.position ?? 0,
      through: all.at(-1)?.position ?? 0,
      known,
    });
    expect(read).toEqual(known);
    expect(trips).toEqual([]);
  });

  it('takes none where there cannot be anything', async () => {
    const { log, ref } = await written();
    const { trips, log: counting } = counted(log);
    expect(await readSession(counting, ref, { after: 7, through: 7 })).toEqual([]);
    expect(trips).toEqual([]);
  });
});

describe("rule 3: a decider's read reaches at least the position that woke it", () => {
  it.each([0, 1, 10, 19])('though the replica has seen only %i of 20 events', async (seen) => {
    const { log, ref, all } = await written();
    const behind = lagging(log, () => all[seen - 1]?.position ?? 0);
    const through = all.at(-1)?.position ?? 0;
    expect(await readSession(behind, ref, { through })).toEqual(all);
    expect(await readSession(behind, ref, { after: all[4]?.position ?? 0, through })).toEqual(all.slice(5));
  });

  it('and has no gap where the replica shows newer events without the older ones', async () => {
    const { log, ref, all } = await written();
    const holes: Log = { ...log, scan: async (...args) => (await log.scan(...args)).filter((_, i) => i % 3 !== 1) };
    expect(await readSession(holes, ref, { through: all.at(-1)?.position ?? 0 })).toEqual(all);
  });
});

describe('a chain', () => {
  const at = (position: number, previous: number) => ({ position, previous }) as Stored;
  it.each([
    ['nothing, of which nothing is wanted', [], 5, 0, true],
    ['nothing, though a position is to be reached', [], 5, 6, false],
    ['from the beginning', [at(3, 0), at(5, 3)], 0, 5, true],
    ['that ends too early', [at(3, 0), at(5, 3)], 0, 6, false],
    ['with a gap', [at(3, 0), at(7, 5)], 0, 7, false],
    ['with a gap before it', [at(7, 5)], 3, 7, false],
    ['that follows from where it is to begin', [at(7, 5)], 5, 7, true],
    ['that begins after an event of another session', [at(7, 5)], 6, 7, true],
  ])('%s', (_what, events, after, through, expected) => {
    expect(isChain(events, after, through)).toBe(expected);
  });
});
