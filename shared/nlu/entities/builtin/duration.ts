import { approximately, decimal } from './decimal.ts';
import { EN_NUMERAL, readEnNumeral } from './numerals-en.ts';
import { readZhNumeral, ZH_DIGIT } from './numerals-zh.ts';
import type { Finding, Reading } from './reading.ts';

/** How long something takes, part by part; parts may be fractions. */
export interface Length {
  readonly years?: number;
  readonly months?: number;
  readonly weeks?: number;
  readonly days?: number;
  readonly hours?: number;
  readonly minutes?: number;
  readonly seconds?: number;
}
export type LengthUnit = keyof Length;

const ZH_UNITS: Readonly<Record<string, LengthUnit>> = {
  年: 'years',
  月: 'months',
  周: 'weeks',
  星期: 'weeks',
  礼拜: 'weeks',
  天: 'days',
  日: 'days',
  小时: 'hours',
  钟头: 'hours',
  分钟: 'minutes',
  分: 'minutes',
  刻钟: 'minutes',
  秒: 'seconds',
  秒钟: 'seconds',
};
const ZH_COUNT = `\\d{1,6}(?:\\.\\d{1,3})?|[${ZH_DIGIT}十百千]{1,8}(?:点[一二三四五六七八九]{1,2})?|半`;
const ZH_UNIT = [
  '年(?![级货糕度代终轻龄]|\\d{1,2}月|[一二三四五六七八九十]{1,2}月)',
  '星期(?![一二三四五六日天末])',
  '礼拜(?![一二三四五六日天末])',
  // 三周一次 is once in three weeks, 周一 is Monday.
  '周(?![一二三四五六日天末岁边围年](?!次))',
  '天(?![天气猫津河空使然才真生])',
  '日(?=之?内|以内)',
  '小时|钟头|分钟|分(?=\\d|秒|[一二三四五六七八九十])|秒钟?|刻钟',
].join('|');
/** One part: 三个半小时, 两年半, 半个月, 1.5小时. A month has to be counted with 个, or it has a name. */
const ZH_PART = `(?:(${ZH_COUNT})(?:(个)?(半)?(${ZH_UNIT})|个(半)?(月)(?!底|初|末))(半)?)`;
const ZH_FIRST = new RegExp(`(?<![第周期拜\\d.${ZH_DIGIT}十百千])${ZH_PART}`, 'gu');
const ZH_NEXT = new RegExp(`[零又加\\s]?${ZH_PART}`, 'uy');
const ZH_HINT = /年|月|周|星期|礼拜|天|日|时|钟|分|秒/;

const EN_UNITS: Readonly<Record<string, LengthUnit>> = {
  y: 'years',
  m: 'months',
  w: 'weeks',
  f: 'weeks',
  d: 'days',
  h: 'hours',
  i: 'minutes',
  s: 'seconds',
};
const EN_COUNT = `\\d{1,6}(?:\\.\\d{1,3})?|half an?|a quarter of an|three quarters of an|(?:a )?couple(?: of)?|${EN_NUMERAL}|an?`;
const EN_UNIT = 'years?|yrs?|months?|mths?|weeks?|wks?|fortnights?|days?|hours?|hrs?|minutes?|mins?|seconds?|secs?';
const EN_PART = `(?:(${EN_COUNT})( and a half)?[ -]?(${EN_UNIT})(?![a-z])( and a half)?|(\\d{1,4})([hdms])(?![a-z]))`;
const EN_FIRST = new RegExp(`(?<![a-z0-9.,$]|\\b(?:wait|just|on|up|have) )${EN_PART}`, 'gu');
const EN_NEXT = new RegExp(`(?:,? and |, | )?${EN_PART}`, 'uy');
const EN_HINT = /year|yr|month|mth|week|wk|fortnight|day|hour|hr|min|sec|\d[hdms]/;

/** How long, in ISO 8601: 三个半小时 and `three and a half hours` are `PT3H30M`. */
export function durations(reading: Reading): readonly Finding[] {
  return lengthsIn(reading).map(({ start, end, length }) => ({ start, end, normalised: isoDuration(length) }));
}

export interface FoundLength {
  readonly start: number;
  readonly end: number;
  readonly length: Length;
}

/** The lengths of time that a text mentions, for what counts from today as well. */
export function lengthsIn({ plain, hasChinese, hasLatin, hasDigit }: Reading): readonly FoundLength[] {
  const zh = (hasChinese || hasDigit) && ZH_HINT.test(plain) ? chained(plain, ZH_FIRST, ZH_NEXT, zhPart) : [];
  const en = hasLatin && EN_HINT.test(plain) ? chained(plain, EN_FIRST, EN_NEXT, enPart) : [];
  return [...zh, ...en];
}

type Part = readonly [LengthUnit, number];
const ORDER: readonly LengthUnit[] = ['years', 'months', 'weeks', 'days', 'hours', 'minutes', 'seconds'];

/** A first part, and every further one that is of a smaller unit. */
function chained(
  text: string,
  first: RegExp,
  next: RegExp,
  read: (match: RegExpMatchArray) => Part | undefined,
): readonly FoundLength[] {
  const found: FoundLength[] = [];
  let free = 0;
  for (const match of text.matchAll(first)) {
    const part = match.index < free ? undefined : read(match);
    if (!part) continue;
    const parts: Part[] = [part];
    let end = match.index + match[0].length;
    for (;;) {
      next.lastIndex = end;
      const more = next.exec(text);
      const another = more && read(more);
      const [last = 'seconds'] = parts.at(-1) ?? [];
      if (!more || !another || ORDER.indexOf(another[0]) <= ORDER.indexOf(last)) break;
      parts.push(another);
      end += more[0].length;
    }
    free = end;
    found.push({ start: match.index, end, length: Object.fromEntries(parts) });
  }
  return found;
}

function zhPart([all, count = '', , halfBefore, unit, halfMonth, month, halfAfter]: RegExpMatchArray):
  Part | undefined {
  const named = unit ?? month ?? '';
  const whole = count === '半' ? 0.5 : /^\d/.test(count) ? Number(count) : zhCount(count);
  if (whole === undefined || named === '' || all === '') return undefined;
  // A year is called by its number: 2026年 is no duration, and neither is 二零二六年.
  if (named === '年' && (whole >= 1_000 || /^[零〇一二三四五六七八九]{2,4}$/u.test(count))) return undefined;
  const halves = halfBefore ?? halfMonth ?? halfAfter;
  const value = whole + (halves === undefined ? 0 : 0.5);
  return [ZH_UNITS[named] ?? 'days', named === '刻钟' ? value * 15 : value];
}

function zhCount(text: string): number | undefined {
  const read = readZhNumeral(text);
  return read && (read.spelled === undefined || read.spelled.length < 2) ? approximately(read.value) : undefined;
}

function enPart([, count, halfBefore, unit, halfAfter, digits, letter]: RegExpMatchArray): Part | undefined {
  if (digits !== undefined)
    return letter === undefined ? undefined : [EN_UNITS[letter === 'm' ? 'i' : letter] ?? 'hours', Number(digits)];
  const whole = enCount(count ?? '');
  if (whole === undefined || unit === undefined) return undefined;
  const named = EN_UNITS[unit.startsWith('mi') ? 'i' : unit.charAt(0)] ?? 'days';
  return [named, (whole + ((halfBefore ?? halfAfter) === undefined ? 0 : 0.5)) * (unit.startsWith('f') ? 2 : 1)];
}

function enCount(text: string): number | undefined {
  if (/^\d/.test(text)) return approximately(decimal(text));
  if (text.startsWith('half a') && text.length <= 7) return 0.5;
  if (text.startsWith('a quarter')) return 0.25;
  if (text.startsWith('three quarters')) return 0.75;
  if (text.includes('couple')) return 2;
  if (text === 'a' || text === 'an') return 1;
  const read = readEnNumeral(text);
  return read && (read.spelled === undefined || read.spelled.length < 2) ? approximately(read.value) : undefined;
}

/** ISO 8601: fractions become whole parts of the next smaller unit, a month counting 30 days. */
export function isoDuration(length: Length): string {
  const rest = { years: 0, months: 0, weeks: 0, days: 0, hours: 0, minutes: 0, seconds: 0, ...length };
  const [years, months] = carried(rest.years, rest.months, 12);
  const [wholeMonths, monthDays] = carried(months, 0, 30);
  const onlyWeeks =
    Number.isInteger(rest.weeks) && Object.entries(rest).every(([unit, n]) => unit === 'weeks' || n === 0);
  if (onlyWeeks && rest.weeks > 0) return `P${rest.weeks}W`;
  const [days, hours] = carried(rest.days + monthDays + rest.weeks * 7, rest.hours, 24);
  const [wholeHours, minutes] = carried(hours, rest.minutes, 60);
  const [wholeMinutes, seconds] = carried(minutes, rest.seconds, 60);
  const part = (value: number, letter: string): string => (value === 0 ? '' : `${value}${letter}`);
  const date = part(years, 'Y') + part(wholeMonths, 'M') + part(days, 'D');
  const time = part(wholeHours, 'H') + part(wholeMinutes, 'M') + part(Math.round(seconds), 'S');
  return date + time === '' ? 'PT0S' : `P${date}${time === '' ? '' : `T${time}`}`;
}

function carried(value: number, smaller: number, size: number): readonly [number, number] {
  const whole = Math.floor(value + 1e-9);
  const moved = (value - whole) * size;
  return [whole, smaller + (Math.abs(moved) < 1e-6 ? 0 : Math.round(moved * 1_000) / 1_000)];
}
