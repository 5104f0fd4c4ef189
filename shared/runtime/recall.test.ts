import { describe, expect, it } from 'vitest';
import { groupsOf } from '../../functions/index.ts';
import { controlRequested } from '../../events/session.ts';
import { lagging } from '../log/lagging.fixture.ts';
import type { Stored } from '../log/log.ts';
import { memoryLog } from '../log/memory.ts';
import { readSession } from '../log/read.ts';
import { dialogue } from '../session/fold.ts';
import type { Fold } from '../function/define.ts';
import { incoming, newSession, opening, saying, testHost } from '../testing/rig.ts';
import { runGroup } from './chain.ts';
import { advance, recall, sessionCache } from './recall.ts';
import { stateHash } from './seal.ts';

const fold = dialogue as unknown as Fold<unknown>;
const NEVER = new AbortController().signal;
const chained = groupsOf('chained');

/** A conversation of some turns, hosted in memory. */
async function conversation(...texts: readonly string[]) {
  const log = memoryLog();
  const ref = newSession();
  const host = testHost(log);
  await host.tail.append(incoming(ref, opening()));
  for (const text of texts) {
    const placed = await host.tail.append(incoming(ref, saying(text)));
    if (placed.kind !== 'appended') throw new Error('a new id is known');
    for (const group of chained) await runGroup(group, { stored: placed.stored, attempt: 1 }, host, NEVER);
  }
  const all = await readSession(log, ref);
  const whole = advance(fold, { state: fold.initial, position: 0 }, all);
  return { log, ref, all, whole };
}
const lastOf = (all: readonly Stored[]) => all.at(-1)?.position ?? 0;

describe('the state of a session', () => {
  it('rule 4: is the same from a snapshot and the events since as from all events', async () => {
    const { log, ref, all, whole } = await conversation('where is my parcel', 'TS12345678', 'mumble');
    const recalled = await recall(log, sessionCache(0), fold, ref, lastOf(all));
    expect(stateHash(recalled.state)).toBe(stateHash(whole.state));
    expect(recalled.position).toBe(lastOf(all));
  });

  it('rule 4: is folded from the beginning when other rules made the snapshot', async () => {
    const { log, ref, all, whole } = await conversation('where is my parcel', 'TS12345678');
    const renamed: Fold<unknown> = { ...fold, version: 'dialogue-next' };
    const recalled = await recall(log, sessionCache(0), renamed, ref, lastOf(all));
    expect(stateHash(recalled.state)).toBe(stateHash(whole.state));
  });

  it('rule 4: is the same from what was remembered and the events since', async () => {
    const { log, ref, all, whole } = await conversation('where is my parcel', 'TS12345678');
    for (const [i, { position }] of all.entries()) {
      const sessions = sessionCache(9);
      sessions.set(ref, advance(fold, { state: fold.initial, position: 0 }, all.slice(0, i + 1)));
      const recalled = await recall(log, sessions, fold, ref, lastOf(all), all.slice(i + 2));
      expect(stateHash(recalled.state), `remembered up to ${position}`).toBe(stateHash(whole.state));
    }
  });
});

describe('what was remembered of a session', () => {
  it('is forgotten where the session was purged and has begun anew', async () => {
    const { log, ref, all, whole } = await conversation('where is my parcel');
    const sessions = sessionCache(9);
    sessions.set(ref, whole);
    await log.purge(ref, lastOf(all));
    const again = await testHost(log).tail.append(incoming(ref, opening()));
    if (again.kind !== 'appended') throw new Error('a new id is known');
    const fresh = advance(fold, { state: fold.initial, position: 0 }, [again.stored]);
    const recalled = await recall(log, sessions, fold, ref, again.stored.position, [again.stored]);
    expect(stateHash(recalled.state)).toBe(stateHash(fresh.state));
  });
});

describe("rule 3: a decider's read reaches at least the position that woke it", () => {
  it('from a replica that lags behind by any number of events', async () => {
    const { log, ref, all, whole } = await conversation('where is my parcel', 'TS12345678');
    for (const { position } of all) {
      const behind = lagging(log, () => position);
      const recalled = await recall(behind, sessionCache(0), fold, ref, lastOf(all));
      expect(stateHash(recalled.state), `seen up to ${position}`).toBe(stateHash(whole.state));
    }
  });

  it('and any position named in a conflict: what was decided on an older view is decided anew', async () => {
    const { log, ref, all } = await conversation('hello');
    const seen = lastOf(all);
    const live = testHost(log);
    const utterance = await live.tail.append(incoming(ref, saying('hello')));
    // An agent takes over, and neither the replica nor the woken process has heard of it.
    const taken = await live.tail.append(incoming(ref, controlRequested({ command: 'take', agent: 'ada' })));
    if (utterance.kind !== 'appended' || taken.kind !== 'appended') throw new Error('a new id is known');

    const behind = testHost(
      lagging(log, () => seen),
      { sessions: sessionCache(0) },
    );
    for (const group of chained) await runGroup(group, { stored: utterance.stored, attempt: 1 }, behind, NEVER);

    const after = (await readSession(log, ref)).slice(all.length);
    const decisions = after.filter(({ envelope: { type } }) => type === 'policy.decided');
    const acts = decisions.map(({ envelope }) => (envelope.data as { act: { kind: string } }).act.kind);
    expect(acts).toEqual(['take', 'forward']);
    for (const { envelope, previous } of decisions) expect(envelope.basis).toBe(previous);
  });
});

describe('an event that nobody can read', () => {
  it('changes nothing, and the session goes on without it', async () => {
    const { log, ref, all, whole } = await conversation('where is my parcel');
    const damaged = { ...incoming(ref, saying('hello')), data: { text: 7 } };
    const placed = await log.append(damaged, lastOf(all));
    if (placed.kind !== 'appended') throw new Error(placed.kind);
    const recalled = await recall(log, sessionCache(0), fold, ref, placed.stored.position);
    expect(stateHash(recalled.state)).toBe(stateHash(whole.state));
    expect(recalled.position).toBe(placed.stored.position);
  });

  it('is waited for where a later build may be able to', async () => {
    const { log, ref, all } = await conversation('where is my parcel');
    const newer = { ...incoming(ref, saying('hello')), revision: 99 };
    const placed = await log.append(newer, lastOf(all));
    if (placed.kind !== 'appended') throw new Error(placed.kind);
    const recalled = recall(log, sessionCache(0), fold, ref, placed.stored.position);
    await expect(recalled).rejects.toMatchObject({ code: 'event.newer-revision' });
  });
});
