import { casual } from 'chrono-node/en';
import { describe, expect, it } from 'vitest';
import { entityExtractor } from './extractor.ts';
import { asking } from './testing.ts';

const SAID = new Date('2026-11-20T10:00:00Z');
const { extract } = await entityExtractor(asking('datetime', 'date', 'time'));
const ours = (text: string) =>
  extract(text, { locale: 'en', said: SAID, timezone: 'UTC' }).map(({ normalised }) => normalised);
const theirs = (text: string) =>
  casual
    .parse(text, { instant: SAID, timezone: 0 })
    .map(({ start, text: said }) => `${said} ${start.date().toISOString()}`);

/** One case for each failure that is corrected: where chrono learns it, the case fails and the correction can go. */
describe('what chrono-node misses', () => {
  it.each([
    ['half past six', '06:30'],
    ['ten past six', '06:10'],
    ['twenty to nine', '08:40'],
    ['a fortnight ago', '2026-11-06'],
    ['by the 15th', '2026-11-15'],
    ['the beginning of next month', '2026-12-01/2026-12-10'],
  ])('%j', (text, expected) => {
    expect(theirs(text).filter((it) => it.startsWith(text))).toEqual([]);
    expect(ours(text)).toEqual([expected]);
  });
});

describe('what chrono-node takes for a moment and a customer does not', () => {
  it.each(['where is it now', 'for 5 minutes', 'sun', 'a few days ago', 'last hour'])('%j', (text) => {
    expect(theirs(text)).not.toEqual([]);
    expect(ours(text)).toEqual([]);
  });
});

describe('what chrono-node makes a single moment of', () => {
  it.each([
    ['this week', '2026-W47'],
    ['next month', '2026-12'],
    ['last year', '2025'],
    ['this weekend', '2026-11-21/2026-11-22'],
    ['in June 2027', '2027-06'],
    ['tomorrow morning', '2026-11-21T06:00:00+00:00/2026-11-21T12:00:00+00:00'],
  ])('%j', (text, expected) => {
    expect(theirs(text)).toHaveLength(1);
    expect(ours(text)).toEqual([expected]);
  });
});

describe('what chrono-node means otherwise', () => {
  it('a weekday is the one to come', () => {
    expect(theirs('on Tuesday')[0]).toContain('2026-11-17');
    expect(ours('on Tuesday')).toEqual(['2026-11-24']);
  });

  it('a day beside a time is found alone where a bot asks for days only', async () => {
    const days = await entityExtractor(asking('date'));
    const [found] = days.extract('tomorrow at 5pm', { locale: 'en', said: SAID, timezone: 'UTC' });
    expect(found).toMatchObject({ normalised: '2026-11-21', value: 'tomorrow' });
  });

  it('where the day comes first depends on the region', () => {
    const on = (locale: string) =>
      extract('on 5/6/2026', { locale, said: SAID, timezone: 'UTC' }).map(({ normalised }) => normalised);
    expect(on('en-US')).toEqual(['2026-05-06']);
    expect(on('en-GB')).toEqual(['2026-06-05']);
  });
});
