import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { isoInstant, localTime, offsetAt } from './calendar.ts';

const NOON = Date.UTC(2026, 10, 21, 3, 0);

describe('the clocks of a zone', () => {
  it.each([0, 29_999, 30_000, 30_001, 59_999])('are as far ahead at every second of a minute: %i ms into it', (ms) => {
    expect(offsetAt(NOON + ms, 'Asia/Shanghai')).toBe(480);
    expect(isoInstant(NOON + ms, 'Asia/Shanghai')).toBe('2026-11-21T11:00:00+08:00');
    expect(localTime(new Date(NOON + ms), 'Asia/Kolkata').minutes).toBe(8 * 60 + 30);
  });

  it('change when summer begins and ends, and zones do not take each other’s', () => {
    const [winter, summer] = [Date.UTC(2026, 0, 15), Date.UTC(2026, 6, 15)];
    for (const moment of [winter, summer, winter]) {
      expect(offsetAt(moment, 'Europe/Berlin')).toBe(moment === summer ? 120 : 60);
      expect(offsetAt(moment, 'Australia/Lord_Howe')).toBe(moment === summer ? 630 : 660);
      expect(offsetAt(moment, 'Nowhere/At_All')).toBe(0);
    }
  });

  test.prop([
    fc.integer({ min: 0, max: 4e12 }),
    fc.constantFrom('Asia/Shanghai', 'America/St_Johns', 'Asia/Kathmandu'),
  ])('show what the runtime shows', (moment, zone) => {
    const time = new Intl.DateTimeFormat('en-GB', { timeZone: zone, timeStyle: 'short' }).format(moment);
    const { minutes } = localTime(new Date(moment), zone);
    const two = (n: number): string => String(n).padStart(2, '0');
    expect(`${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`).toBe(time);
  });
});
