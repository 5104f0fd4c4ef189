import { describe, expect, it } from 'vitest';
import { POST_TIMEOUT_MS } from '../../shared/egress/post.ts';
import { deliver } from './handler.ts';
import { ACK_WAIT_MS } from './provision.ts';
import { SCHEDULE, TOO_LATE_MS, waitAfter } from './schedule.ts';

describe('the waits between attempts', () => {
  it('are those that Standard Webhooks proposes', () => {
    const waits = SCHEDULE.map((_, i) => waitAfter(i, SCHEDULE, undefined, 0));
    expect(waits).toEqual([0, 5_000, 300_000, 1_800_000, 7.2e6, 1.8e7, 3.6e7, 5.04e7, 7.2e7, 8.64e7]);
  });

  it('come to an end', () => {
    expect(waitAfter(10, SCHEDULE, undefined, 0)).toBeUndefined();
    expect(waitAfter(10, SCHEDULE, 1_000, 0)).toBeUndefined();
  });

  it('vary by up to a fifth', () => {
    expect(waitAfter(1, SCHEDULE, undefined, 1)).toBe(6_000);
    expect(waitAfter(1, SCHEDULE, undefined, 0.5)).toBe(5_500);
  });

  it('are not shorter than the endpoint asks for, nor longer than a day on its word', () => {
    expect(waitAfter(1, SCHEDULE, 60_000, 0)).toBe(60_000);
    expect(waitAfter(2, SCHEDULE, 60_000, 0)).toBe(300_000);
    expect(waitAfter(1, SCHEDULE, 1e12, 0)).toBe(24 * 3_600_000);
  });

  it('are together shorter than what counts as too late', () => {
    expect(SCHEDULE.reduce((a, b) => a + b)).toBeLessThan(TOO_LATE_MS);
  });
});

it('nests its time limits: post < function < acknowledgement', () => {
  expect(POST_TIMEOUT_MS).toBeLessThan(deliver.limits.timeoutMs);
  expect(deliver.limits.timeoutMs * deliver.limits.attempts).toBeLessThan(ACK_WAIT_MS);
});
