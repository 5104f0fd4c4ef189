import { spokenIn } from '../spoken.ts';
import { decimal, negated, type Decimal } from './decimal.ts';
import { EN_NUMERAL, enlarged, readEnNumeral } from './numerals-en.ts';
import { readZhNumeral, ZH_NUMERAL } from './numerals-zh.ts';
import type { Reading } from './reading.ts';

/** A number as it stands in a text, whatever it counts. */
export interface Quantity {
  readonly start: number;
  readonly end: number;
  readonly value: Decimal;
  /** The digits one by one, where it was said so: a phone number, a code. */
  readonly spelled?: string;
  readonly script: 'western' | 'zh' | 'en';
}

/** Not inside a word, an order number, a version or a longer number. */
const WESTERN =
  /(?<![a-z0-9_]|\d[.,:/])([+-](?=\d)(?<![\d)]\s{0,1}[+-]))?(\d{1,3}(?:,\d{3}){1,6}(?:\.\d{1,9})?(?![\d,])|\d{1,18}(?:\.\d{1,9})?)(?:([kwm](?![a-z0-9]))| ?(million|billion|thousand|hundred|dozen|bn)(?![a-z]))?(?![a-z_]*\d|[.,:/]\d)/gu;
const CHINESE = new RegExp(`(?<![十百千万亿])${ZH_NUMERAL}`, 'gu');
const ENGLISH = new RegExp(`(?<![a-z])${EN_NUMERAL}(?![a-z])`, 'gu');
const HAS_ENGLISH =
  /(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|teen|twenty|thirty|fort|fifty|ninet|hundred|thousand|million|billion|double|triple|dozen|zero)/;
const HAS_CHINESE = /[零〇一二三四五六七八九十两幺壹贰叁肆伍陆柒捌玖拾]|\d[十百千万亿]/;

const memory = new WeakMap<Reading, readonly Quantity[]>();

/** All numbers of a text, in the order of the text. Found once, for all that ask. */
export function quantitiesIn(reading: Reading): readonly Quantity[] {
  const known = memory.get(reading);
  if (known) return known;
  const found = [
    ...(reading.hasDigit ? western(reading.plain) : []),
    ...(reading.hasChinese && HAS_CHINESE.test(reading.plain) ? chinese(reading.plain) : []),
    ...(reading.hasLatin && HAS_ENGLISH.test(reading.plain) ? english(reading.plain) : []),
    ...mixed(reading),
  ].sort((a, b) => a.start - b.start || b.end - a.end);
  memory.set(reading, found);
  return found;
}

function western(text: string): readonly Quantity[] {
  return Array.from(text.matchAll(WESTERN), (match): Quantity => {
    const [all, sign, digits = '', letter, word] = match;
    const value = enlarged(digits, letter ?? word);
    return {
      start: match.index,
      end: match.index + all.length,
      value: sign === '-' ? negated(value) : value,
      script: 'western',
    };
  });
}

function chinese(text: string): readonly Quantity[] {
  const found: Quantity[] = [];
  for (const match of text.matchAll(CHINESE)) {
    const read = readZhNumeral(match[0]);
    if (read) found.push({ start: match.index, end: match.index + match[0].length, ...read, script: 'zh' });
  }
  return found;
}

function english(text: string): readonly Quantity[] {
  const found: Quantity[] = [];
  for (const match of text.matchAll(ENGLISH)) {
    const read = readEnNumeral(match[0]);
    if (read) found.push({ start: match.index, end: match.index + match[0].length, ...read, script: 'en' });
  }
  return found;
}

/** Digits one by one in several scripts, or with gaps that a recogniser of speech leaves: four 7 one 1, 一 四 七 七. */
function mixed(reading: Reading): readonly Quantity[] {
  if (!reading.hasChinese && !(reading.hasDigit && reading.hasLatin)) return [];
  return spokenIn({ ...reading, lower: reading.plain }).flatMap(({ written, singly, origin }): readonly Quantity[] => {
    const place = origin(0, written.length);
    const said = reading.plain.slice(place.start, place.end);
    if (!singly || !/^\d+$/u.test(written) || !said.includes(' ') || !OTHER_THAN_WESTERN.test(said)) return [];
    return [{ ...place, value: decimal(written), spelled: written, script: 'en' }];
  });
}

const OTHER_THAN_WESTERN = /[a-z\p{Script=Han}]/u;
