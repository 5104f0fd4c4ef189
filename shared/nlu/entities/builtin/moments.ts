import type { Circumstances } from '../entity.ts';
import { isoInstant, localTime, type Day } from './calendar.ts';
import { enDates } from './dates-en.ts';
import { daysFrom, zhDates } from './dates-zh.ts';
import { lengthsIn, type Length } from './duration.ts';
import type { Finding, Reading } from './reading.ts';
import { zhTimes } from './times-zh.ts';
import { isoDateTime, isoTime, isoWhen, type FoundDate, type FoundMoment, type FoundTime } from './when.ts';

interface Found {
  readonly dates: readonly FoundDate[];
  readonly times: readonly FoundTime[];
  readonly moments: readonly FoundMoment[];
}

/** 5/6/2026: the one date without letters that is read as in English. */
const SLASHED = /\d\/\d/;
const memory = new WeakMap<Reading, Found>();

/** Days and named stretches of days: see `isoWhen`. */
export const dates = (reading: Reading, circumstances: Circumstances): readonly Finding[] =>
  foundIn(reading, circumstances).dates.map(({ start, end, when, short }) => ({
    start,
    end: short ? end + 1 : end,
    normalised: isoWhen(when),
  }));

/** Times of no certain day: see `isoTime`. */
export const times = (reading: Reading, circumstances: Circumstances): readonly Finding[] =>
  foundIn(reading, circumstances).times.map(({ start, end, time }) => ({ start, end, normalised: isoTime(time) }));

/** Times of a certain day, with the offset of the customer's time zone. */
export const datetimes = (reading: Reading, circumstances: Circumstances): readonly Finding[] =>
  foundIn(reading, circumstances).moments.map(({ start, end, iso }) => ({ start, end, normalised: iso }));

/** Dates, times and both together are found at once, whichever of them a bot asks for. */
function foundIn(reading: Reading, circumstances: Circumstances): Found {
  const known = memory.get(reading);
  if (known) return known;
  const zone = zoneOf(circumstances);
  const { day: today } = localTime(circumstances.said, zone);
  const zh = reading.hasChinese || reading.hasDigit;
  const zhDays = zh ? zhDates(reading, today) : [];
  const zhClocks = zh ? zhTimes(reading) : [];
  const en =
    reading.hasLatin || SLASHED.test(reading.plain)
      ? enDates(reading, circumstances, zone, today)
      : { dates: [], times: [], moments: [] };
  const found = {
    dates: [...zhDays, ...en.dates],
    times: [...zhClocks, ...en.times],
    moments: [
      ...joined(reading.plain, zhDays, zhClocks, zone),
      ...(zh ? hoursFromNow(reading, circumstances, zone) : []),
      ...en.moments,
    ],
  };
  memory.set(reading, found);
  return found;
}

/** Where a bot says nothing and a channel knows nothing: China for Chinese, else UTC. */
const zoneOf = ({ timezone, locale }: Circumstances): string => {
  if (timezone !== undefined) return timezone;
  if (!locale.startsWith('zh')) return 'UTC';
  return /-TW\b/.test(locale) ? 'Asia/Taipei' : /-HK\b/.test(locale) ? 'Asia/Hong_Kong' : 'Asia/Shanghai';
};

const BETWEEN = /^(?:的|,|，)? ?$/;

/** A day and the time that follows it: 昨天下午三点半, 3月5号晚上, 2026-11-20 15:30. */
function joined(
  text: string,
  days: readonly FoundDate[],
  clocks: readonly FoundTime[],
  zone: string,
): readonly FoundMoment[] {
  return days.flatMap(({ start, end, when }) => {
    if (when.kind !== 'day') return [];
    return clocks
      .filter((clock) => clock.start >= end && clock.start - end <= 2 && BETWEEN.test(text.slice(end, clock.start)))
      .map((clock) => ({ start, end: clock.end, iso: isoDateTime(when.day, clock.time, zone) }));
  });
}

const AFTER = /^(?:(之前|以前|前)|(?:之后|以后|后)(?!台|面|期))/;
const UNIT_MS = { hours: 3_600_000, minutes: 60_000, seconds: 1_000 };

/** 两小时后, 半小时前, 一天半以后. */
function hoursFromNow(reading: Reading, { said }: Circumstances, zone: string): readonly FoundMoment[] {
  if (!/前|后/.test(reading.plain)) return [];
  return lengthsIn(reading).flatMap(({ start, end, length }): readonly FoundMoment[] => {
    const match = AFTER.exec(reading.plain.slice(end, end + 3));
    const moment = match && instantFrom(said, length, match[1] === undefined ? 1 : -1);
    return moment ? [{ start, end: end + match[0].length, iso: isoInstant(moment, zone) }] : [];
  });
}

function instantFrom(said: Date, length: Length, sign: 1 | -1): number | undefined {
  const { hours = 0, minutes = 0, seconds = 0, ...days } = length;
  const ms = hours * UNIT_MS.hours + minutes * UNIT_MS.minutes + seconds * UNIT_MS.seconds;
  const today: Day = Math.floor(said.getTime() / 86_400_000);
  const day = daysFrom(today, days, sign);
  if (ms === 0 || day === undefined || ms > 1e12) return undefined;
  return said.getTime() + (day - today) * 86_400_000 + sign * ms;
}
