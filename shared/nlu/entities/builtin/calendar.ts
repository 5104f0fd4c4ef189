import { LRUCache } from 'lru-cache';

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
const MOST_ZONES = 500;

/** A day, counted from 1970-01-01; no time zone is involved. */
export type Day = number;

/** The day of a date; undefined where the calendar has no such date. */
export function dayOf(year: number, month: number, day: number): Day | undefined {
  const date = new Date(Date.UTC(year, month - 1, day));
  const exists = date.getUTCMonth() === month - 1 && date.getUTCDate() === day && year >= 1 && year <= 9_999;
  return exists ? date.getTime() / DAY_MS : undefined;
}

export function dateOf(day: Day): { readonly year: number; readonly month: number; readonly day: number } {
  const date = new Date(day * DAY_MS);
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() };
}

/** Monday is 1, Sunday is 7. */
export const weekdayOf = (day: Day): number => ((((day + 3) % 7) + 7) % 7) + 1;

/** The same day some months on; the last of the month where there is no such day. */
export function monthsLater(from: Day, months: number): Day {
  const { year, month, day } = dateOf(from);
  const index = year * 12 + month - 1 + months;
  const [toYear, toMonth] = [Math.floor(index / 12), (index % 12) + 1];
  return dayOf(toYear, toMonth, Math.min(day, lengthOfMonth(toYear, toMonth))) ?? from;
}

export const lengthOfMonth = (year: number, month: number): number => new Date(Date.UTC(year, month, 0)).getUTCDate();

export function isoDay(day: Day): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}

/** The week that a day is in: `2026-W47`. The week with a year's first Thursday is its first. */
export function isoWeek(day: Day): string {
  const thursday = day - weekdayOf(day) + 4;
  const { year } = dateOf(thursday);
  const week = Math.floor((thursday - (dayOf(year, 1, 1) ?? 0)) / 7) + 1;
  return `${year}-W${String(week).padStart(2, '0')}`;
}

/** Of two days the one that is nearer to today; of two as near, the one to come. */
export const nearer = (today: Day, days: readonly Day[]): Day | undefined =>
  days.toSorted((a, b) => Math.abs(a - today) - Math.abs(b - today) || b - a)[0];

/** What clocks in a zone show at a moment: the day, and minutes since midnight. An unknown zone is read as UTC. */
export function localTime(moment: Date, zone: string): { readonly day: Day; readonly minutes: number } {
  const shown = Math.floor((moment.getTime() + offsetAt(moment.getTime(), zone) * MINUTE_MS) / MINUTE_MS);
  const day = Math.floor(shown / 1_440);
  return { day, minutes: shown - day * 1_440 };
}

/** The moment when clocks in a zone show a time, in ISO 8601 with the offset of that moment. Minutes may go beyond the day. */
export function isoMoment(day: Day, minutes: number, seconds: number, zone: string): string {
  const shown = day * DAY_MS + minutes * MINUTE_MS + seconds * 1_000;
  const guessed = offsetAt(shown, zone);
  const offset = offsetAt(shown - guessed * MINUTE_MS, zone);
  return new Date(shown).toISOString().slice(0, 19) + isoOffset(offset);
}

/** A moment as clocks in a zone show it, to the minute. */
export function isoInstant(moment: number, zone: string): string {
  const offset = offsetAt(moment, zone);
  return new Date(moment + offset * MINUTE_MS).toISOString().slice(0, 17) + '00' + isoOffset(offset);
}

function isoOffset(minutes: number): string {
  const size = Math.abs(minutes);
  const two = (n: number): string => String(n).padStart(2, '0');
  return `${minutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}

/** The clocks of a zone, and how far they were ahead when that was last asked. */
interface Clock {
  readonly format: Intl.DateTimeFormat;
  minute: number;
  offset: number;
}

const clocks = new LRUCache<string, Clock>({ max: MOST_ZONES });

function clockOf(zone: string): Clock {
  const known = clocks.get(zone);
  if (known) return known;
  const options = {
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  } as const;
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat('en-US', { ...options, timeZone: zone });
  } catch {
    // What a channel called its time zone is none that this runtime knows.
    format = new Intl.DateTimeFormat('en-US', { ...options, timeZone: 'UTC' });
  }
  const made = { format, minute: NaN, offset: 0 };
  clocks.set(zone, made);
  return made;
}

/** Minutes that clocks in a zone are ahead of UTC at a moment. */
export function offsetAt(moment: number, zone: string): number {
  const clock = clockOf(zone);
  const minute = Math.floor(moment / MINUTE_MS);
  // A text asks several times for the same moment, and asking the runtime takes 3 µs.
  if (clock.minute !== minute) {
    clock.offset = shownAhead(clock.format, minute * MINUTE_MS);
    clock.minute = minute;
  }
  return clock.offset;
}

/** Of a full minute: a clock that shows no seconds would be behind at any other moment. */
function shownAhead(format: Intl.DateTimeFormat, moment: number): number {
  const shown = /(\d+)\/(\d+)\/(\d+), (\d+):(\d+)/.exec(format.format(moment));
  if (!shown) return 0;
  const [month = 1, day = 1, year = 1970, hour = 0, minute = 0] = shown.slice(1).map(Number);
  return Math.round((Date.UTC(year, month - 1, day, hour, minute) - moment) / MINUTE_MS);
}
