import { beforeAll, describe, expect, it } from 'vitest';
import type { Envelope } from '../../events/envelope.ts';
import { groupsOf } from '../../functions/index.ts';
import type { Stored } from '../log/log.ts';
import { memoryLog } from '../log/memory.ts';
import { runGroup } from '../runtime/chain.ts';
import { incoming, newSession, opening, saying, testHost } from '../testing/rig.ts';
import { checkSession } from './invariants.ts';

/** What stands in the log after a parcel question, its order number, a goodbye, and a word too many. */
async function history(): Promise<readonly Stored[]> {
  const log = memoryLog();
  const host = testHost(log);
  const ref = newSession();
  await host.tail.append(incoming(ref, opening()));
  for (const text of ['where is my parcel', 'TS12345678', 'bye', 'hello']) {
    const placed = await host.tail.append(incoming(ref, saying(text)));
    if (placed.kind === 'duplicate') throw new Error('a new id is known');
    for (const group of groupsOf('chained')) {
      await runGroup(group, { stored: placed.stored, attempt: 1 }, host, new AbortController().signal);
    }
  }
  return log.all;
}

let events: readonly Stored[];
beforeAll(async () => {
  events = await history();
});

const place = (type: string, nth = 0): number =>
  events.flatMap((s, i) => (s.envelope.type === type ? [i] : [])).at(nth) ?? -1;
const nth = (i: number): Stored => {
  const stored = events[i];
  if (!stored) throw new RangeError(`no event ${i}`);
  return stored;
};
const changed = (i: number, change: (stored: Stored) => Stored): readonly Stored[] =>
  events.map((s, n) => (n === i ? change(s) : s));
const data = (stored: Stored, over: object): Stored => ({
  ...stored,
  envelope: { ...stored.envelope, data: { ...(stored.envelope.data as object), ...over } },
});
const envelope = (stored: Stored, over: Partial<Envelope>): Stored => ({
  ...stored,
  envelope: { ...stored.envelope, ...over },
});
/** Puts a copy of an event, changed, at the end. */
const added = (stored: Stored, over: Partial<Envelope>): readonly Stored[] => {
  const last = nth(events.length - 1);
  return [
    ...events,
    { envelope: { ...stored.envelope, ...over }, position: last.position + 7, previous: last.position },
  ];
};
const without = (i: number): readonly Stored[] => {
  const gone = nth(i);
  const rest = events.filter((_, n) => n !== i);
  return rest.map((s) => (s.previous === gone.position ? { ...s, previous: gone.previous } : s));
};
const rules = (history: readonly Stored[], options = {}) =>
  [...new Set(checkSession(history, options).map((f) => `${f.rule} ${f.severity}`))].sort();
const otherId = '0000000000000000000000ZZZZ' as Envelope['id'];

describe('a history as the platform writes it', () => {
  it('has no findings', () => {
    expect(events.length).toBeGreaterThan(20);
    expect(checkSession(events)).toEqual([]);
  });

  it('has none when nothing has happened', () => {
    expect(checkSession([])).toEqual([]);
  });
});

describe('a history that was tampered with', () => {
  it('shows where the chain is broken', () => {
    const i = place('intent.classified', 1);
    const findings = checkSession(changed(i, (s) => ({ ...s, previous: s.previous - 1 })));
    expect(findings).toMatchObject([{ rule: 'chain-unbroken', position: nth(i).position }]);
  });

  it('shows that its beginning is missing', () => {
    expect(rules(events.slice(1))).toContain('chain-unbroken violated');
  });

  it('shows an event of another session', () => {
    const i = place('turn.replied');
    expect(rules(changed(i, (s) => envelope(s, { tenant: 'other' as Envelope['tenant'] })))).toEqual(['I8 violated']);
  });

  it('shows a cause that is not there (I2)', () => {
    const i = place('entities.extracted');
    expect(rules(changed(i, (s) => envelope(s, { causation: otherId })))).toEqual(['I2 violated']);
  });

  it('shows a fact that came from nowhere (I2)', () => {
    const i = place('entities.extracted');
    const { causation: _, ...rest } = nth(i).envelope;
    expect(rules(changed(i, (s) => ({ ...s, envelope: rest })))).toEqual(['I2 violated']);
  });

  it('shows a decision made twice (I3)', () => {
    const decided = nth(place('policy.decided'));
    expect(rules(added(decided, { id: otherId }))).toContain('I3 violated');
  });

  it('shows two endings of one turn, whatever their types (I4)', () => {
    const replied = nth(place('turn.replied'));
    const findings = checkSession(
      added(replied, { id: otherId, type: 'turn.dead-lettered', data: { reason: 'planted' } }),
    );
    expect(findings).toMatchObject([{ rule: 'I4', message: expect.stringContaining('second ending') as string }]);
  });

  it('shows a turn without an ending, unless it is young (I4)', () => {
    const history = without(place('turn.dead-lettered'));
    expect(rules(history)).toEqual(['I4 violated']);
    const { time } = nth(0).envelope;
    expect(rules(history, { openSince: new Date(Date.parse(time) - 1) })).toEqual([]);
    expect(rules(history, { openSince: new Date(Date.parse(time) + 1) })).toEqual(['I4 violated']);
  });

  it('shows an ending of a turn that nobody opened (I4)', () => {
    const i = place('turn.dead-lettered');
    expect(rules(changed(i, (s) => envelope(s, { turn: otherId })))).toContain('I4 violated');
  });

  it('shows turns decided out of order (I5)', () => {
    const [first, second] = [place('policy.decided', 0), place('policy.decided', 1)];
    const swapped = events.map((s, i) => {
      if (i === first) return envelope(s, { turn: nth(second).envelope.turn ?? otherId });
      if (i === second) return envelope(s, { turn: nth(first).envelope.turn ?? otherId });
      return s;
    });
    expect(rules(swapped)).toContain('I5 violated');
  });

  it('shows a stored state that was changed (I6)', () => {
    const i = place('policy.decided', 1);
    const { snapshot } = nth(i).envelope.data as { snapshot: { hash: string; state: object } };
    const findings = checkSession(
      changed(i, (s) => data(s, { snapshot: { ...snapshot, state: { ...snapshot.state, misses: 9 } } })),
    );
    expect(findings).toMatchObject([{ rule: 'I6', position: nth(i).position }]);
  });

  it('shows a past that was changed, by the state that was stored on it (I6)', () => {
    const i = place('intent.classified');
    expect(rules(changed(i, (s) => data(s, { confidence: 0.01 })))).toEqual(['I6 violated']);
  });

  it('does not judge a state that another fold made (I6)', () => {
    const i = place('policy.decided', 1);
    const { snapshot } = nth(i).envelope.data as { snapshot: object };
    const history = changed(i, (s) => data(s, { snapshot: { ...snapshot, fold: 'dialogue-0' } }));
    expect(rules(history)).toEqual(['I6 unchecked']);
  });

  it('shows two decisions on one basis, and a decision that had not read everything (I7)', () => {
    const [first, second] = [place('policy.decided', 0), place('policy.decided', 1)];
    expect(rules(changed(second, (s) => envelope(s, { basis: nth(first).envelope.basis ?? 0 })))).toEqual([
      'I7 violated',
    ]);
    expect(rules(changed(second, (s) => envelope(s, { basis: s.previous - 1 })))).toEqual(['I7 violated']);
  });

  it('shows what cannot be read, and says when a newer build could', () => {
    const i = place('turn.replied');
    expect(rules(changed(i, (s) => data(s, { messages: 'none' })))).toContain('readable violated');
    expect(rules(changed(i, (s) => envelope(s, { revision: 99 })))).toContain('readable unchecked');
  });
});
