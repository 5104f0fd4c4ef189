import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { byUrgency, isFor, PRIORITIES, type DeskEntry } from './entry.ts';

const waiting = (over: Partial<Extract<DeskEntry, { kind: 'waiting' }>> = {}): DeskEntry => ({
  kind: 'waiting',
  since: '2026-01-01T00:00:00.000Z',
  channel: 'web',
  locale: 'en',
  reason: 'flow human',
  priority: 'normal',
  ...over,
});

describe('the order of the queue', () => {
  it('is that of urgency, then of waiting', () => {
    const entries = [
      waiting({ priority: 'low', since: '2026-01-01T00:00:00.000Z' }),
      waiting({ priority: 'normal', since: '2026-01-01T00:00:02.000Z' }),
      waiting({ priority: 'high', since: '2026-01-01T00:00:03.000Z' }),
      waiting({ priority: 'normal', since: '2026-01-01T00:00:01.000Z' }),
    ];
    expect(entries.toSorted(byUrgency)).toEqual([entries[2], entries[3], entries[1], entries[0]]);
  });

  it('does not depend on the order in which sessions came to be known', () => {
    const entry = fc
      .record({ priority: fc.constantFrom(...PRIORITIES), second: fc.nat(59) })
      .map(({ priority, second }) => waiting({ priority, since: new Date(second * 1_000).toISOString() }));
    fc.assert(
      fc.property(fc.array(entry), (entries) => {
        expect(entries.toReversed().toSorted(byUrgency)).toEqual(entries.toSorted(byUrgency));
      }),
    );
  });
});

describe('what an agent sees', () => {
  it.each([
    [undefined, undefined, true],
    ['refunds', undefined, true],
    [undefined, ['orders'], true],
    ['refunds', ['orders'], false],
    ['refunds', ['orders', 'refunds'], true],
    ['refunds', [], false],
  ])('of a session that wants %s, with the skills %j: %s', (skill, skills, seen) => {
    expect(isFor(waiting({ ...(skill !== undefined && { skill }) }), skills)).toBe(seen);
  });
});
