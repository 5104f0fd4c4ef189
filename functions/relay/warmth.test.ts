import { expect, it } from 'vitest';
import { warmth } from './warmth.ts';

it('a group is warm for five seconds after its last answer', () => {
  let now = 0;
  const warm = warmth(() => now);
  expect(warm.isCold('turn')).toBe(true);
  warm.answered('turn');
  now = 4_999;
  expect(warm.isCold('turn')).toBe(false);
  now = 5_000;
  expect(warm.isCold('turn')).toBe(true);
});

it('is warmed once in five seconds for each tenant, however many sessions open', () => {
  let now = 0;
  const warm = warmth(() => now);
  expect(warm.due(['intent', 'reply'], 'acme')).toEqual(['intent', 'reply']);
  expect(warm.due(['intent', 'reply'], 'acme')).toEqual([]);
  expect(warm.due(['intent'], 'other')).toEqual(['intent']);
  now = 5_000;
  expect(warm.due(['intent', 'reply'], 'acme')).toEqual(['intent', 'reply']);
});
