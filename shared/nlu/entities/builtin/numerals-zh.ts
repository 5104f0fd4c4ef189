import { decimal, integer, plus, shifted, times, ZERO, type Decimal } from './decimal.ts';

const DIGITS: Readonly<Record<string, number>> = {
  ...Object.fromEntries(Array.from('零一二三四五六七八九').map((c, i) => [c, i])),
  ...Object.fromEntries(Array.from('〇壹贰叁肆伍陆柒捌玖').map((c, i) => [c, i])),
  幺: 1,
  两: 2,
  弍: 2,
};
const UNITS: Readonly<Record<string, number>> = { 十: 1, 拾: 1, 百: 2, 佰: 2, 千: 3, 仟: 3 };
const GREAT: Readonly<Record<string, number>> = { 万: 4, 亿: 8 };

/** Characters of Chinese numerals, for classes of regular expressions. */
export const ZH_DIGIT = '零〇一二三四五六七八九两幺壹贰叁肆伍陆柒捌玖';
export const ZH_UNIT = '十百千万亿拾佰仟';

/**
 * A Chinese numeral, with its decimals after 点, or western digits with 千, 万 or 亿: 两千三百万, 一百五, 三点一四, 3.5万. The
 * text has to be simplified. Which of them mean a number is for the caller to say: 一 stands in many words.
 */
export const ZH_NUMERAL =
  `(?:\\d{1,12}(?:\\.\\d{1,6})?[十百千万亿]{1,2}(?:[${ZH_DIGIT}${ZH_UNIT}\\d]{1,20})?` +
  `|[${ZH_DIGIT}十拾][${ZH_DIGIT}${ZH_UNIT}]{0,30}(?:点[零〇一二三四五六七八九]{1,10}(?![十百分刻])[万亿]?)?)`;

/** What a numeral amounts to, and whether it was said digit by digit; undefined where it follows no rule. */
export function readZhNumeral(text: string): { readonly value: Decimal; readonly spelled?: string } | undefined {
  const [whole = '', fraction] = text.includes('点') ? text.split('点') : [text];
  const western = /^(\d{1,12}(?:\.\d{1,6})?)([十百千万亿]{1,2})(.*)$/u.exec(whole);
  if (western) return afterWestern(western[1] ?? '', western[2] ?? '', western[3] ?? '');
  if (!Array.from(whole).some((c) => c in UNITS || c in GREAT)) {
    const spelled = Array.from(whole)
      .map((c) => DIGITS[c] ?? '')
      .join('');
    if (spelled.length !== whole.length) return undefined;
    if (fraction === undefined) return { value: decimal(spelled), ...(spelled.length > 1 && { spelled }) };
    return withFraction(decimal(spelled), fraction);
  }
  const value = withUnits(whole);
  if (!value) return undefined;
  return fraction === undefined ? { value } : withFraction(value, fraction);
}

function withFraction(whole: Decimal, fraction: string): { readonly value: Decimal } | undefined {
  const great = GREAT[fraction.slice(-1)] ?? 0;
  const digits = Array.from(great > 0 ? fraction.slice(0, -1) : fraction)
    .map((c) => DIGITS[c] ?? '')
    .join('');
  return { value: shifted(plus(whole, { digits: BigInt(digits), scale: digits.length }), great) };
}

/** 3万5千, 1亿2000万, 20万. */
function afterWestern(number: string, unit: string, rest: string): { readonly value: Decimal } | undefined {
  const power = Array.from(unit).reduce((sum, c) => sum + (UNITS[c] ?? GREAT[c] ?? 0), 0);
  const value = shifted(decimal(number), power);
  if (rest === '') return { value };
  const next = /^\d{1,12}$/.test(rest) ? undefined : readZhNumeral(rest);
  if (next && !next.spelled) {
    const isTail = rest.length === 1;
    return { value: plus(value, isTail ? shifted(next.value, power - 1) : next.value) };
  }
  // 3万5: the last digit counts thousands.
  return rest.length === 1 ? { value: plus(value, shifted(decimal(rest), power - 1)) } : undefined;
}

/** Positional units. A last digit without a unit counts the next lower one (一百五: 150), unless 零 stands before it. */
function withUnits(text: string): Decimal | undefined {
  let total = ZERO;
  let section = 0n;
  let digit: number | undefined;
  let lastPower = 0;
  let previous = '';
  for (const c of text) {
    const power = UNITS[c];
    const great = GREAT[c];
    if (power !== undefined) {
      section += BigInt(digit ?? 1) * 10n ** BigInt(power);
      if (digit === undefined && power > 1 && previous !== '') return undefined;
      digit = undefined;
      lastPower = power;
    } else if (great !== undefined) {
      const counted = section + BigInt(digit ?? 0);
      if (counted === 0n && total.digits === 0n) return undefined;
      // 一万亿: the greater unit takes all before it.
      const before = counted === 0n ? total : plus(total, integer(counted));
      const takesAll = great === 8;
      total = takesAll ? times(before, 10n ** 8n) : plus(total, times(integer(counted), 10n ** BigInt(great)));
      if (counted === 0n && !takesAll) return undefined;
      section = 0n;
      digit = undefined;
      lastPower = great;
    } else {
      const value = DIGITS[c] ?? 0;
      // Two digits side by side belong to no number with units.
      if (digit !== undefined && digit !== 0) return undefined;
      digit = value;
      if (value === 0) lastPower = 0;
    }
    previous = c;
  }
  const tail = digit === undefined ? 0n : BigInt(digit) * (lastPower > 1 ? 10n ** BigInt(lastPower - 1) : 1n);
  return plus(total, integer(section + tail));
}
