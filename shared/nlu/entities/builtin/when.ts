import { dateOf, isoDay, isoMoment, isoWeek, type Day } from './calendar.ts';

/** A day, or a stretch of days that has a name. */
export type When =
  | { readonly kind: 'day'; readonly day: Day }
  | { readonly kind: 'days'; readonly from: Day; readonly to: Day }
  | { readonly kind: 'week'; readonly day: Day }
  | { readonly kind: 'month'; readonly year: number; readonly month: number }
  | { readonly kind: 'year'; readonly year: number };

/** A part of the day, in minutes from midnight to midnight. */
export interface PartOfDay {
  readonly from: number;
  readonly to: number;
}

/** What a clock shows, in minutes since midnight; 1,440 is the midnight after. */
export interface Clock {
  readonly minutes: number;
  readonly seconds: number;
}

export interface FoundDate {
  readonly start: number;
  readonly end: number;
  readonly when: When;
  /** 今 in 今晚: a day only together with the part of the day after it. */
  readonly short?: true;
}

export interface FoundTime {
  readonly start: number;
  readonly end: number;
  readonly time: Clock | PartOfDay;
}

/** A day with a time, or a moment that counts from now. */
export interface FoundMoment {
  readonly start: number;
  readonly end: number;
  readonly iso: string;
}

/** ISO 8601: `2026-11-19`, `2026-W47`, `2026-12`, `2026`, and `2026-11-21/2026-11-22` for days that have no such name. */
export function isoWhen(when: When): string {
  switch (when.kind) {
    case 'day':
      return isoDay(when.day);
    case 'days':
      return `${isoDay(when.from)}/${isoDay(when.to)}`;
    case 'week':
      return isoWeek(when.day);
    case 'month':
      return `${when.year}-${two(when.month)}`;
    case 'year':
      return String(when.year);
  }
}

/** The local time of a day: `15:30`, `15:30:05`, and `12:00/18:00` for a part of the day. */
export function isoTime(time: Clock | PartOfDay): string {
  if ('from' in time) return `${hoursAndMinutes(time.from)}/${hoursAndMinutes(time.to)}`;
  return hoursAndMinutes(time.minutes % 1_440) + (time.seconds > 0 ? `:${two(time.seconds)}` : '');
}

/** A moment with its offset, or two of them for a part of a day. */
export function isoDateTime(day: Day, time: Clock | PartOfDay, zone: string): string {
  if ('from' in time) return `${isoMoment(day, time.from, 0, zone)}/${isoMoment(day, time.to, 0, zone)}`;
  return isoMoment(day, time.minutes, time.seconds, zone);
}

/** The days of a weekend, by any day of its week. */
export const weekendOf = (monday: Day): When => ({ kind: 'days', from: monday + 5, to: monday + 6 });

/** The month that lies some months from that of a day. */
export function monthFrom(day: Day, months: number): { readonly year: number; readonly month: number } {
  const { year, month } = dateOf(day);
  const index = year * 12 + month - 1 + months;
  return { year: Math.floor(index / 12), month: (((index % 12) + 12) % 12) + 1 };
}

const two = (n: number): string => String(n).padStart(2, '0');
const hoursAndMinutes = (minutes: number): string => `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
