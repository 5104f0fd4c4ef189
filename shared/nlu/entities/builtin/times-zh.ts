import { approximately } from './decimal.ts';
import { readZhNumeral } from './numerals-zh.ts';
import { clockIn, partOfDay, ZH_PARTS } from './parts-of-day.ts';
import type { Reading } from './reading.ts';
import type { Clock, FoundTime } from './when.ts';

const HOUR = '\\d{1,2}|[一二两三四五六七八九十]{1,3}|零';
const MINUTES = '\\d{1,2}|[零〇][一二三四五六七八九]|[二三四五]?十[一二三四五六七八九]?|[一二三四五六七八九](?=分)';
/** 点 is a point in a list, the beginning of many verbs, and a decimal point as well. */
const NOT_A_CLOCK =
  '(?!建议|意见|问题|要求|原因|疑问|不满|说明|希望|想法|几|多?钱|好处|小|击|儿|心|赞|餐|单|外卖|名|评|开(?!门|始|会|业|售|抢|播|放|车|店|课)|[\\d一二三四五六七八九](?![\\d十分]))';
const CLOCK = `(${HOUR})点(?:(整|钟)|(半)|([一三])刻|过?(${MINUTES})分?(?!之|钟[内后前]))?${NOT_A_CLOCK}`;
const SPOKEN = new RegExp(
  `(?<![\\d.:第])(?:(${ZH_PARTS})的?)?(?:差(?:(一刻)|(${MINUTES})分)钟?)?(?<![\\d一二三四五六七八九十几])${CLOCK}`,
  'gu',
);
const WRITTEN = new RegExp(
  `(?<![\\d:.])(?:(${ZH_PARTS}) ?)?(?<![\\d:.])([01]?\\d|2[0-4])(?::([0-5]\\d)(?::([0-5]\\d))?(?![\\d:])(?! ?[ap]\\.?m)|时(?!间|候|长|代|尚|不|会|常|刻)(?:([0-5]?\\d)分)?)`,
  'gu',
);
/** 早 and 晚 alone mean early and late, except after a day. */
const PART = new RegExp(
  `(?:${ZH_PARTS})(?<![^今昨明后前当天号日周一二三四五六][早晚夜]|^[早晚夜])(?!好|餐|饭|点|安|班|市|茶|已|就|日|期|晚|会)`,
  'gu',
);
const HINT = /点|:|时|早|晚|午|夜|晨/;

/** The times that a Chinese text names, with the part of the day where one is said. */
export function zhTimes({ plain: text }: Reading): readonly FoundTime[] {
  if (!HINT.test(text)) return [];
  const found: FoundTime[] = [];
  const add = (match: RegExpExecArray, time: FoundTime['time'] | undefined): void => {
    if (time) found.push({ start: match.index, end: match.index + match[0].length, time });
  };
  if (text.includes('点')) for (const match of text.matchAll(SPOKEN)) add(match, spoken(match));
  if (/[:时]/.test(text)) {
    for (const match of text.matchAll(WRITTEN)) {
      const [, part, hour, minute, seconds, minuteSaid] = match;
      add(match, clockIn(part, Number(hour), Number(minute ?? minuteSaid ?? 0), Number(seconds ?? 0)));
    }
  }
  for (const match of text.matchAll(PART)) add(match, partOfDay(match[0]));
  return found;
}

function spoken(match: RegExpExecArray): Clock | undefined {
  const [all, part, quarterTo, minutesTo, hour = '', exact, half, quarters, minutes] = match;
  const isBare = part === undefined && quarterTo === undefined && minutesTo === undefined;
  // 一点 alone means a little.
  if (isBare && all === '一点' && !/[日天号早晚午的]$/.test(match.input.slice(0, match.index))) return undefined;
  if (/^[早晚]一点$/.test(all)) return undefined;
  const past = half !== undefined ? 30 : quarters !== undefined ? (quarters === '一' ? 15 : 45) : (count(minutes) ?? 0);
  const to = quarterTo !== undefined ? 15 : (count(minutesTo) ?? 0);
  if (exact === undefined && to > 0 && past > 0) return undefined;
  const hours = count(hour);
  const clock = hours === undefined ? undefined : clockIn(part, hours, past);
  return clock && clock.minutes >= to ? { ...clock, minutes: clock.minutes - to } : undefined;
}

function count(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d/.test(text)) return Number(text);
  const read = readZhNumeral(text);
  return read && approximately(read.value) < 60 ? approximately(read.value) : undefined;
}
