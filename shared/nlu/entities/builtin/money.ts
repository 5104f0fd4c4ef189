import type { Circumstances } from '../entity.ts';
import { currencyOf, NAMED } from './currencies.ts';
import { decimal, plus, shifted, written, type Decimal } from './decimal.ts';
import { enlarged } from './numerals-en.ts';
import { readZhNumeral } from './numerals-zh.ts';
import { quantitiesIn, type Quantity } from './quantities.ts';
import { findings, type Finding, type Reading } from './reading.ts';

const escaped = (names: readonly string[]): string =>
  names
    .toSorted((a, b) => b.length - a.length)
    .map((name) => name.replaceAll('$', '\\$'))
    .join('|');
const SIGNS = Object.keys(NAMED).filter((name) => /^[a-z]{0,2}[$¥€£₩₹]$|^[a-z]{3}$/.test(name));
const PREFIXED = new RegExp(
  `(?<![a-z$])(${escaped(SIGNS)}|人民币) ?(\\d{1,3}(?:,\\d{3}){1,6}(?:\\.\\d{1,4})?|\\d{1,15}(?:\\.\\d{1,4})?)(?:([kwm])(?![a-z0-9])| ?(million|billion|thousand|[万亿千百]))?(?![\\d])`,
  'gu',
);
const CALLED = Object.keys(NAMED).filter((name) => !/^[$¥£₩₹]$|\$$/.test(name));
const SUFFIX = new RegExp(
  `^ ?(?:(${escaped(CALLED.filter((name) => !/^[a-z]/.test(name)))}|€|£|\\$)|(${escaped(CALLED.filter((name) => /^[a-z]/.test(name)))})(?![a-z]))`,
  'u',
);
const ZH_ONE = '[\\d零〇一二三四五六七八九两]';
/** 98块5, 98块50, 3元5角2分, 98块零5分. */
const SMALL_CHANGE = new RegExp(
  `^(?:零|又)?(?:(${ZH_ONE})[毛角](?:(${ZH_ONE})分?)?|(${ZH_ONE}{1,2})分|(?!一[下些般样起直])(${ZH_ONE}{1,2})(?![\\d.零一二三四五六七八九十百千万]|[个件双条张只天月号年次斤点份本瓶盒包台折块元]|小时|分|%))(?![\\d])`,
  'u',
);
const TENTHS = /^(?:毛|角)(?![衣巾笔毯孩病利色落度])(?:钱)?/;
const HUNDREDTHS = /^(?:分钱| ?cents?(?![a-z])| ?pence(?![a-z]))/;
/** 块 counts pieces too, and 一块 means together. */
const PIECES =
  /^(?:手表|表|电池|蛋糕|布|屏|石|肉|糖|硬盘|豆腐|巧克力|肥皂|香皂|地|面|砖|木|板|玻璃|饼|儿|去|来|走|吃|玩|买|退|寄|发|送|下单)/;
const HINT = /[$¥€£₩₹块元圆毛角刀币]|[a-z]{3}|美金|英镑|港纸|泰铢|卢布|卢比|法郎|分钱/;

/** Amounts of money: the ISO 4217 code and a plain decimal, `CNY 98.5`. */
export function money(reading: Reading, { locale }: Circumstances): readonly Finding[] {
  const text = reading.plain;
  if (!HINT.test(text)) return [];
  const prefixed = reading.hasDigit
    ? findings(text, PREFIXED, ([, sign = '', digits = '', letter, word]) => {
        const currency = currencyOf(sign, locale);
        return currency && `${currency} ${written(sized(digits, letter ?? word))}`;
      })
    : [];
  const suffixed = quantitiesIn(reading).flatMap((quantity) => amount(quantity, text, locale) ?? []);
  return [...prefixed, ...withCents(suffixed, text)];
}

const HAN_SIZES: Readonly<Record<string, number>> = { 百: 2, 千: 3, 万: 4, 亿: 8 };
const sized = (digits: string, size: string | undefined): Decimal =>
  size !== undefined && size in HAN_SIZES ? shifted(decimal(digits), HAN_SIZES[size] ?? 0) : enlarged(digits, size);

function amount({ start, end, value, script }: Quantity, text: string, locale: string): Finding | undefined {
  const rest = text.slice(end, end + 24);
  const tenths = script === 'en' ? null : TENTHS.exec(rest);
  if (tenths && text.slice(start, end) !== '三') {
    const fen = new RegExp(`^(${ZH_ONE})分?(?!\\d)`, 'u').exec(rest.slice(tenths[0].length));
    const sum = plus(shifted(value, -1), fen ? shifted(digitsOf(fen[1] ?? ''), -2) : decimal('0'));
    const to = end + tenths[0].length + (fen?.[0].length ?? 0);
    return { start, end: to, normalised: `${currencyOf('元', locale) ?? ''} ${written(sum)}` };
  }
  const cents = HUNDREDTHS.exec(rest);
  if (cents) {
    const currency = cents[0].includes('分') ? '元' : cents[0].includes('pence') ? '£' : '$';
    const normalised = `${currencyOf(currency, locale) ?? ''} ${written(shifted(value, -2))}`;
    return { start, end: end + cents[0].length, normalised };
  }
  const unit = SUFFIX.exec(rest);
  if (!unit) return undefined;
  const name = unit[1] ?? unit[2] ?? '';
  const after = rest.slice(unit[0].length);
  const change = name === '块' || name === '元' || name === '圆' ? SMALL_CHANGE.exec(after) : null;
  if (name === '块' && !change && (PIECES.test(after) || text.slice(start, end) === '一')) return undefined;
  const currency = currencyOf(name, locale);
  if (!currency) return undefined;
  const sum = change ? plus(value, changeOf(change)) : value;
  return {
    start,
    end: end + unit[0].length + (change?.[0].length ?? 0),
    normalised: `${currency} ${written(sum)}`,
  };
}

/** The part after the unit: 毛 counts tenths, 分 hundredths; bare digits are read like decimals. */
function changeOf([all, mao, fen, onlyFen, bare = '']: RegExpExecArray): Decimal {
  if (mao !== undefined) return plus(shifted(digitsOf(mao), -1), shifted(digitsOf(fen ?? '0'), -2));
  if (onlyFen !== undefined) return shifted(digitsOf(onlyFen), -2);
  const places = bare.length + (all.startsWith('零') ? 1 : 0);
  return shifted(digitsOf(bare), -places);
}

const digitsOf = (text: string): Decimal =>
  (/^\d/.test(text) ? decimal(text) : readZhNumeral(text)?.value) ?? decimal('0');

const AND_CENTS = /^,? (?:and )?$/;

/** `20 dollars and 50 cents` is one amount. */
function withCents(found: readonly Finding[], text: string): readonly Finding[] {
  return found.map((finding, i) => {
    const next = found[i + 1];
    if (!next || !/ (?:0|0\.\d{1,2})$/.test(next.normalised) || /\.\d/.test(finding.normalised)) return finding;
    if (!AND_CENTS.test(text.slice(finding.end, next.start))) return finding;
    const [currency = '', whole = ''] = finding.normalised.split(' ');
    const [minor, cents = ''] = next.normalised.split(' ');
    if (minor !== currency) return finding;
    return {
      start: finding.start,
      end: next.end,
      normalised: `${currency} ${written(plus(decimal(whole), decimal(cents)))}`,
    };
  });
}
