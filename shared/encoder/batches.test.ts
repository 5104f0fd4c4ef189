import { fc, test } from '@fast-check/vitest';
import { expect } from 'vitest';
import { batches } from './batches.ts';

const lengths = fc.array(fc.integer({ min: 2, max: 600 }), { maxLength: 200 });

test.prop([lengths, fc.boolean()])('every sequence is in one batch, and batches are bounded', (all, alone) => {
  const made = batches(all, alone);
  expect(made.flat().sort((a, b) => a - b)).toEqual(all.map((_, i) => i));
  for (const batch of made) {
    const longest = Math.max(...batch.map((place) => all[place] ?? 0));
    expect(batch.length).toBeGreaterThan(0);
    expect(batch.length * longest).toBeLessThanOrEqual(4_096);
    expect(batch.length).toBeLessThanOrEqual(alone ? 1 : 32);
  }
});
