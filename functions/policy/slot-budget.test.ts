import { describe, expect, it } from 'vitest';
import { tooMany } from './slot-budget.ts';

const slots = (n: number, length: number) =>
  Object.fromEntries(Array.from({ length: n }, (_, i) => [`slot_${i}`, 'x'.repeat(length)]));

describe('the slots of a session', () => {
  it('are all kept while there is room', () => {
    expect(tooMany(slots(10, 50), { new: 'value' }, [])).toEqual([]);
  });

  it('are forgotten from the first one on where there is none, never the one that was just filled', () => {
    expect(tooMany(slots(4, 300), { new: 'y'.repeat(200) }, [])).toEqual(['slot_0']);
    expect(tooMany(slots(4, 300), { slot_0: 'y'.repeat(400) }, [])).toEqual(['slot_1']);
  });

  it('make room by what is forgotten anyway', () => {
    expect(tooMany(slots(4, 300), { new: 'y'.repeat(200) }, ['slot_3'])).toEqual([]);
  });
});
