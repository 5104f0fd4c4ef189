import { casual, GB } from 'chrono-node/en';
import type { ParsedComponents, ParsedResult } from 'chrono-node';
import type { Circumstances } from '../entity.ts';
import { dayOf, isoInstant, isoMoment, offsetAt, type Day } from './calendar.ts';
import {
  isGreeting,
  isMonthAlone,
  isNoise,
  missed,
  rewritten,
  stretchOf,
  type Rewritten,
  weekdayToCome,
} from './corrections-en.ts';
import { partOfDay } from './parts-of-day.ts';
import type { Reading } from './reading.ts';
import { isoDateTime, type FoundDate, type FoundMoment, type FoundTime, type When } from './when.ts';

/** What is found in English. */
export interface Dated {
  readonly dates: readonly FoundDate[];
  readonly times: readonly FoundTime[];
  readonly moments: readonly FoundMoment[];
}

const NOTHING: Dated = { dates: [], times: [], moments: [] };
/** Chrono's own expressions are not all bounded: what comes later is not read for dates. */
const MOST_READ = 1_000;
const HINT =
  /today|tomorrow|tonight|yesterday|morning|afternoon|evening|night|noon|midday|week|month|year|day\b|\bago\b|\bin |\bat |later|from now|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)|(?:sun|mon|tues|wednes|thurs|fri|satur)day|past|clock|\d ?[ap]\.?m|\d[:/-]\d|\d(?:st|nd|rd|th)\b|fortnight|quarter/;
/** Where the day comes before the month. */
const DAY_FIRST = /^en-(?:GB|AU|NZ|IE|IN|ZA|SG|HK|MY|KE|NG)\b/;
const LEADING = /^(?:(?:on|at|in the|by|from|since|until|before|after|around|of) )+/;
const PART = /\b(morning|afternoon|evening|night|tonight)$/;

/** The dates, times and moments that chrono-node finds in an English text, corrected. */
export function enDates(reading: Reading, circumstances: Circumstances, zone: string, today: Day): Dated {
  const { text, places } = rewritten(reading.plain.slice(0, MOST_READ));
  if (!HINT.test(text)) return NOTHING;
  const instant = circumstances.said;
  const chrono = DAY_FIRST.test(circumstances.locale) ? GB : casual;
  const results = chrono.parse(text, { instant, timezone: offsetAt(instant.getTime(), zone) });
  const dates: FoundDate[] = missed(text, today).map((it) => ({ ...it }));
  const times: FoundTime[] = [];
  const moments: FoundMoment[] = [];
  for (const result of results) {
    const said = result.text.trim().toLowerCase();
    if (isNoise(said) || isGreeting(text.slice(0, result.index), said)) continue;
    const { begins, ...place } = placeOf(result, places);
    const meaning = meaningOf(result, said, today, zone);
    if (meaning === undefined) continue;
    if ('when' in meaning) dates.push({ ...place, when: meaning.when });
    else if ('time' in meaning) times.push({ ...place, time: meaning.time });
    else moments.push({ ...place, iso: meaning.iso });
    // `tomorrow at 5pm` names a day too, for a bot that asks for no more.
    const day = 'iso' in meaning ? dayWithin(said) : undefined;
    const only = day && meaningOfDay(result, said, today);
    if (only) dates.push({ start: begins + day.from, end: begins + day.to, when: only });
  }
  return { dates, times, moments };
}

type Meaning = { readonly when: When } | { readonly time: FoundTime['time'] } | { readonly iso: string };

function meaningOf(result: ParsedResult, said: string, today: Day, zone: string): Meaning | undefined {
  const { start, end } = result;
  const stretch = stretchOf(said, today);
  if (stretch) return { when: stretch };
  const hasDate = (['day', 'weekday', 'month'] as const).some((part) => start.isCertain(part));
  const named = PART.exec(said);
  if (named) {
    const part = partOfDay(named[1] ?? '');
    const day = dayMeant(start, said, today);
    if (!part || day === undefined) return undefined;
    if (!hasDate && !/^(?:this|tonight|last)\b/.test(said)) return { time: part };
    return { iso: isoDateTime(day, part, zone) };
  }
  const day = dayMeant(start, said, today);
  if (day === undefined) return undefined;
  if (start.isCertain('hour')) {
    // `four april at five pm`, of which chrono reads no day.
    if (start.isCertain('month') && !start.isCertain('day') && !start.isCertain('weekday')) return undefined;
    const clock = {
      minutes: (start.get('hour') ?? 0) * 60 + (start.get('minute') ?? 0),
      seconds: start.get('second') ?? 0,
    };
    if (start.isCertain('timezoneOffset')) return { iso: isoInstant(start.date().getTime(), zone) };
    const until = end?.isCertain('hour') ? end : undefined;
    const to = until && { minutes: (until.get('hour') ?? 0) * 60 + (until.get('minute') ?? 0) };
    if (!hasDate) return { time: to && to.minutes > clock.minutes ? { from: clock.minutes, to: to.minutes } : clock };
    const iso = isoMoment(day, clock.minutes, clock.seconds, zone);
    return { iso: to && to.minutes > clock.minutes ? `${iso}/${isoMoment(day, to.minutes, 0, zone)}` : iso };
  }
  if (!hasDate && !start.isCertain('year')) return undefined;
  if (isMonthAlone(said))
    return { when: { kind: 'month', year: start.get('year') ?? 0, month: start.get('month') ?? 1 } };
  const last = end && dayIn(end);
  return { when: last !== undefined && last > day ? { kind: 'days', from: day, to: last } : { kind: 'day', day } };
}

const CLOCK = '(?:at |around |by |@ ?)?(?:\\d{1,2}(?::\\d{2}){0,2} ?(?:[ap]\\.?m\\.?)?|noon|midnight|midday)';
const TIME_LAST = new RegExp(`(?:,? (?:in the )?(?:morning|afternoon|evening|night|tonight)|,? ${CLOCK})$`);
const TIME_FIRST = new RegExp(`^${CLOCK},? (?:on )?`);

/** Where in `tomorrow at 5pm`, without what leads, the day stands; undefined where no day is named. */
function dayWithin(said: string): { readonly from: number; readonly to: number } | undefined {
  const whole = said.replace(LEADING, '');
  const last = TIME_LAST.exec(whole);
  const first = last ? null : TIME_FIRST.exec(whole);
  const [from, to] = [first?.[0].length ?? 0, last?.index ?? whole.length];
  const rest = whole.slice(from, to);
  return (last ?? first) && /[a-z]{3}|\d[/-]\d/.test(rest) && !/^(?:this|last)$/.test(rest) ? { from, to } : undefined;
}

/** The day of a moment. */
function meaningOfDay({ start }: ParsedResult, said: string, today: Day): When | undefined {
  const day = dayMeant(start, said, today);
  return day === undefined || Math.abs(day - today) > 400_000 ? undefined : { kind: 'day', day };
}

function dayMeant(start: ParsedComponents, said: string, today: Day): Day | undefined {
  const weekday = start.isCertain('weekday') && !start.isCertain('day') ? start.get('weekday') : null;
  return (weekday === null ? undefined : weekdayToCome(said, weekday, today)) ?? dayIn(start);
}

function dayIn(parts: ParsedComponents): Day | undefined {
  return dayOf(parts.get('year') ?? 0, parts.get('month') ?? 0, parts.get('day') ?? 0);
}

/** Without the words before it and the comma after it. */
function placeOf(
  { index, text }: ParsedResult,
  rewritings: Rewritten['places'],
): { readonly start: number; readonly end: number; readonly begins: number } {
  const lead = text.length - text.trimStart().length;
  const trimmed = text.trim();
  const skipped = LEADING.exec(trimmed.toLowerCase())?.[0].length ?? 0;
  const kept = trimmed.slice(skipped).trimStart();
  const end = index + lead + trimmed.replace(/[.,]$/, '').length;
  const begins = index + lead + trimmed.length - kept.length;
  return {
    start: rewritings.find(({ start, end: to }) => start <= begins && begins < to)?.start ?? begins,
    end,
    begins,
  };
}
