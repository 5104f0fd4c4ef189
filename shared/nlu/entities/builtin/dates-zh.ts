import { dateOf, dayOf, lengthOfMonth, monthsLater, nearer, weekdayOf, type Day } from './calendar.ts';
import { lengthsIn, type Length } from './duration.ts';
import { readZhNumeral } from './numerals-zh.ts';
import { approximately } from './decimal.ts';
import type { Reading } from './reading.ts';
import { monthFrom, weekendOf, type FoundDate, type When } from './when.ts';

/** Days that have a name, counted from today. */
const DAYS: Readonly<Record<string, number>> = {
  大前: -3,
  前: -2,
  昨: -1,
  今: 0,
  明: 1,
  后: 2,
  大后: 3,
};
const RELATIVE: Readonly<Record<string, number>> = { 上上: -2, 上: -1, 这: 0, 本: 0, 当: 0, 下: 1, 下下: 2 };
const YEARS: Readonly<Record<string, number>> = { 前: -2, 去: -1, 今: 0, 本: 0, 明: 1, 后: 2 };
const WEEKDAYS = '一二三四五六日';
/** Holidays of the solar calendar; those of the lunar one are not known here. */
const HOLIDAYS: Readonly<Record<string, readonly [number, number]>> = {
  元旦: [1, 1],
  情人节: [2, 14],
  妇女节: [3, 8],
  五一: [5, 1],
  劳动节: [5, 1],
  儿童节: [6, 1],
  六一: [6, 1],
  教师节: [9, 10],
  十一: [10, 1],
  国庆节: [10, 1],
  国庆: [10, 1],
  双十一: [11, 11],
  双11: [11, 11],
  双十二: [12, 12],
  双12: [12, 12],
  平安夜: [12, 24],
  圣诞节: [12, 25],
  圣诞: [12, 25],
};

const N = '\\d{1,2}|[一二三四五六七八九十廿]{1,3}';
const DAY_OF_MONTH = `(${N})(?:号(?![楼线店门机院房室码柜仓桌技员会区地位公球单牌子])|日(?![元圆本用常语]))`;
const DIGITS_4 = '\\d{4}|[零〇一二三四五六七八九]{4}';

type Read = (match: RegExpExecArray | RegExpMatchArray, today: Day) => When | undefined;
interface Rule {
  readonly expression: RegExp;
  readonly read: Read;
}
const rule = (source: string, read: Read): Rule => ({ expression: new RegExp(source, 'gu'), read });

const RULES: readonly Rule[] = [
  rule(`(?<![以之从])(大前|大后|前|昨|今|明|后)(?:[天日](?!猫)|儿个?)`, ([, name = ''], today) =>
    day(today + (DAYS[name] ?? 0)),
  ),
  // 今晚, 明早: the part of the day follows.
  rule('([昨今明])(?=[早晚夜])', ([, name = ''], today) => day(today + (DAYS[name] ?? 0))),
  rule(
    '(?:(上上|下下|上|下|这|本)(?:一)?(?:个)?)?(?:周|星期|礼拜)([一二三四五六日天末])(?!周|[次天月年个])',
    ([, which, name = ''], today) => {
      const monday = today - weekdayOf(today) + 1;
      const week = which === undefined ? 0 : (RELATIVE[which] ?? 0) * 7;
      if (name === '末') return weekendOf(monday + week);
      const that = monday + week + (name === '天' ? 6 : WEEKDAYS.indexOf(name));
      return day(which === undefined && that < today ? that + 7 : that);
    },
  ),
  rule('(上上|下下|上|下|这|本)(?:一)?个?(?:周|星期|礼拜)(?![一二三四五六日天末])', ([, which = ''], today) => ({
    kind: 'week',
    day: today + (RELATIVE[which] ?? 0) * 7,
  })),
  rule(
    `(上上|下下|上|下|这|本|当)(?:一)?个?月(?:的?(?:${DAY_OF_MONTH}|(初|底|末|中旬|上旬|下旬)))?(?!份?[^\\s，。]{0,2}套餐)`,
    ([, which = '', date, stretch], today) => {
      const { year, month } = monthFrom(today, RELATIVE[which] ?? 0);
      if (date !== undefined) return inMonth(year, month, date);
      return stretch === undefined ? { kind: 'month', year, month } : stretchOf(year, month, stretch);
    },
  ),
  rule('(?<![上下这本个\\d一二三四五六七八九十年])月(初|底|末|中旬|上旬|下旬)', ([, stretch = ''], today) => {
    const { year, month } = dateOf(today);
    return stretchOf(year, month, stretch);
  }),
  rule(
    `(?<!\\d)(?:(${DIGITS_4})年|(\\d{2})年(?=\\d|[一二三四五六七八九十])|([去前今本明后])年(?!轻|前))?(?:的)?(?<![\\d.第一二三四五六七八九十])(${N})月(?!饼|租|卡|嫂)(?:份)?(?:${DAY_OF_MONTH}|(${N})(?![\\d一二三四五六七八九十.]|[个天年])|(初|底|末|中旬|上旬|下旬))?`,
    readMonth,
  ),
  rule(`(?<!\\d)(${DIGITS_4})年(?!${N}月)|(?<![以之])([去今明])年(?!${N}月)`, ([, digits, name = ''], today) => {
    const year = digits === undefined ? dateOf(today).year + (YEARS[name] ?? 0) : yearOf(digits);
    return year === undefined ? undefined : { kind: 'year', year };
  }),
  rule(`(?<![\\d.一二三四五六七八九十月第大小A-Za-z#-])${DAY_OF_MONTH}`, ([, date = ''], today) => {
    const months = [-1, 0, 1].map((by) => monthFrom(today, by));
    const days = months.flatMap(({ year, month }) => dayOf(year, month, count(date) ?? 0) ?? []);
    return asDay(nearer(today, days));
  }),
  rule('(?<![\\d./-])(\\d{4})([-/.])(\\d{1,2})\\2(\\d{1,2})(?![\\d/-]|\\.\\d)', ([, year, , month, date]) =>
    asDay(dayOf(Number(year), Number(month), Number(date))),
  ),
  rule(
    `(${Object.keys(HOLIDAYS)
      .toSorted((a, b) => b.length - a.length)
      .join(
        '|',
      )})(?![点个号月年路街天条块分])(?<![第二三四五六七八九百初]十一|[^的在从到过了，。\\s]五一|[^的在从到过了，。\\s]六一)`,
    ([, name = ''], today) => {
      const [month, date] = HOLIDAYS[name] ?? [1, 1];
      return nearestYear(today, month, date);
    },
  ),
];

const HINT = /[天日周月年号节昨今明]|星期|礼拜|儿|元旦|国庆|圣诞|平安夜|五一|六一|十[一二]|双1|\d{4}[-/.]\d/;

/** The days that a Chinese text names, seen from today. Candidates may overlap; the longest is meant. */
export function zhDates(reading: Reading, today: Day): readonly FoundDate[] {
  const text = reading.plain;
  if (!HINT.test(text)) return [];
  const named = RULES.flatMap(({ expression, read }) =>
    Array.from(text.matchAll(expression)).flatMap((match): readonly FoundDate[] => {
      const when = read(match, today);
      if (!when) return [];
      const found = { start: match.index, end: match.index + match[0].length, when };
      return match[0].length === 1 ? [{ ...found, short: true }] : [found];
    }),
  );
  return [...named, ...counted(reading, today)];
}

const AGO = /^(?:之前|以前|前)(?!台|后|面|往|程)/;
const HENCE = /^(?:之后|以后|后)(?!台|面|期|悔|续|果)/;

/** 三天前, 两周后, 半年前: whole days from today. */
function counted(reading: Reading, today: Day): readonly FoundDate[] {
  if (!/前|后/.test(reading.plain)) return [];
  return lengthsIn(reading).flatMap(({ start, end, length }): readonly FoundDate[] => {
    const after = reading.plain.slice(end, end + 3);
    const [ago] = AGO.exec(after) ?? [];
    const [hence] = HENCE.exec(after) ?? [];
    const word = ago ?? hence;
    const to = word === undefined ? undefined : daysFrom(today, length, ago === undefined ? 1 : -1);
    return to === undefined || word === undefined
      ? []
      : [{ start, end: end + word.length, when: { kind: 'day', day: to } }];
  });
}

/** The day that lies a length of days, weeks, months and years from another; undefined where it has hours too. */
export function daysFrom(from: Day, length: Length, sign: 1 | -1): Day | undefined {
  const { years = 0, months = 0, weeks = 0, days = 0, hours, minutes, seconds } = length;
  if (hours !== undefined || minutes !== undefined || seconds !== undefined) return undefined;
  const allMonths = years * 12 + months;
  const whole = Math.trunc(allMonths);
  const allDays = Math.round(weeks * 7 + days + (allMonths - whole) * 30);
  return Math.abs(whole) > 12_000 || allDays > 400_000 ? undefined : monthsLater(from, sign * whole) + sign * allDays;
}

function readMonth(
  [, digits, short, name, month = '', date, bare, stretch]: RegExpMatchArray,
  today: Day,
): When | undefined {
  const of = count(month);
  if (of === undefined || of < 1 || of > 12) return undefined;
  const year =
    digits !== undefined
      ? yearOf(digits)
      : short !== undefined
        ? 2000 + Number(short)
        : name !== undefined
          ? dateOf(today).year + (YEARS[name] ?? 0)
          : undefined;
  const day = date ?? bare;
  if (day !== undefined) return year === undefined ? nearestYear(today, of, count(day) ?? 0) : inMonth(year, of, day);
  const that = year ?? nearestMonth(today, of);
  return stretch === undefined ? { kind: 'month', year: that, month: of } : stretchOf(that, of, stretch);
}

function stretchOf(year: number, month: number, name: string): When | undefined {
  const from = name === '初' || name === '上旬' ? 1 : name === '中旬' ? 11 : 21;
  const to = from === 21 ? lengthOfMonth(year, month) : from + 9;
  const [first, last] = [dayOf(year, month, from), dayOf(year, month, to)];
  return first === undefined || last === undefined ? undefined : { kind: 'days', from: first, to: last };
}

const day = (that: Day): When => ({ kind: 'day', day: that });
const asDay = (that: Day | undefined): When | undefined => (that === undefined ? undefined : day(that));
const inMonth = (year: number, month: number, date: string): When | undefined =>
  asDay(dayOf(year, month, count(date) ?? 0));

function nearestYear(today: Day, month: number, date: number): When | undefined {
  const { year } = dateOf(today);
  return asDay(
    nearer(
      today,
      [year - 1, year, year + 1].flatMap((y) => dayOf(y, month, date) ?? []),
    ),
  );
}

/** The year whose month of that name is nearest, counted from the middle of the months. */
function nearestMonth(today: Day, month: number): number {
  const { year } = dateOf(today);
  const middles = [year - 1, year, year + 1].flatMap((y) => dayOf(y, month, 15) ?? []);
  return dateOf(nearer(today, middles) ?? today).year;
}

function count(text: string): number | undefined {
  if (/^\d/.test(text)) return Number(text);
  const read = readZhNumeral(text.replace(/^廿/, '二十'));
  return read && (read.spelled === undefined || read.spelled.length < 2) ? approximately(read.value) : undefined;
}

function yearOf(text: string): number | undefined {
  const digits = /^\d/.test(text) ? text : readZhNumeral(text)?.spelled;
  const year = Number(digits ?? 0);
  return year >= 1_000 ? year : undefined;
}
