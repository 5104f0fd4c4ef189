import { quantitiesIn } from './quantities.ts';
import { findings, type Finding, type Reading } from './reading.ts';

const CARD = /(?<![a-z\d.]|\d[- ])(?:\d[ -]?){12,18}\d(?![\d]|[ -]?\d|[a-z])/gu;
const CARD_BEGINS = /^(?:4|5[1-5]|2[2-7]|3[47]|3[0689]|35|6[0-9]|9\d|8\d)/;

/** Numbers of payment cards: 13 to 19 digits that begin as one and pass the check of Luhn. Digits only. */
export function cards(reading: Reading): readonly Finding[] {
  const said = quantitiesIn(reading).flatMap(({ start, end, spelled = '', script }) =>
    script !== 'western' && isCard(spelled) ? [{ start, end, normalised: spelled }] : [],
  );
  if (!reading.hasDigit) return said;
  const typed = findings(reading.plain, CARD, ([all]) => {
    const digits = all.replace(/\D/g, '');
    return isCard(digits) && isGrouped(all) ? digits : undefined;
  });
  return [...said, ...typed];
}

const isCard = (digits: string): boolean =>
  digits.length >= 13 && digits.length <= 19 && CARD_BEGINS.test(digits) && passesLuhn(digits);

/** One separator throughout, and no group of a single digit. */
function isGrouped(text: string): boolean {
  const separators = new Set(text.replace(/\d/g, ''));
  return separators.size === 0 || (separators.size === 1 && text.split(/[ -]/).every((group) => group.length >= 2));
}

/** ISO/IEC 7812-1, annex B: from the right, every second digit counts twice; the sum of the digits ends in 0. */
export function passesLuhn(digits: string): boolean {
  let sum = 0;
  for (let i = 0; i < digits.length; i += 1) {
    const digit = Number(digits[digits.length - 1 - i]);
    const counted = i % 2 === 1 ? digit * 2 : digit;
    sum += counted > 9 ? counted - 9 : counted;
  }
  return digits !== '' && !/^0{1,30}$/.test(digits) && sum % 10 === 0;
}

const RESIDENT = /(?<![a-z\d])[1-8]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dx](?![a-z\d])/gu;

/** Chinese resident identity numbers (GB 11643) whose check character is right. */
export function idNumbers({ plain, hasDigit }: Reading): readonly Finding[] {
  if (!hasDigit) return [];
  return findings(plain, RESIDENT, ([all]) => (passesMod11(all) ? all.toUpperCase() : undefined));
}

/** ISO 7064, MOD 11-2, as GB 11643 prescribes it. */
export function passesMod11(id: string): boolean {
  let sum = 0;
  for (const c of id.slice(0, 17)) sum = (sum + Number(c)) * 2;
  return '10X98765432'.charAt(sum % 11) === id.charAt(17).toUpperCase();
}

const EMAIL =
  /(?<![a-z0-9._%+-])[a-z0-9_%+-](?:[a-z0-9_%+.-]{0,62}[a-z0-9_%+-])?@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){1,5}[a-z]{2,24}(?![a-z0-9-])/gu;

/** E-mail addresses, the domain in lower case. */
export function emails({ text, lower }: Reading): readonly Finding[] {
  if (!lower.includes('@')) return [];
  return Array.from(lower.matchAll(EMAIL)).flatMap(({ 0: all, index }): readonly Finding[] => {
    if (all.includes('..')) return [];
    const at = index + all.lastIndexOf('@');
    return [{ start: index, end: index + all.length, normalised: text.slice(index, at) + all.slice(at - index) }];
  });
}

const TOP_LEVEL = 'com|cn|net|org|io|co|app|shop|store|info|edu|gov|top|xyz|me|tv|cc|ai|dev|hk|tw|uk|de|example';
const URL_TEXT = new RegExp(
  `(?<![a-z0-9@._/-])(?:https?://[^\\s\\p{Script=Han}，。！？；：“”（）《》<>"'\`{}|\\\\^]{3,900}|(?:[a-z0-9-]{1,63}\\.){1,5}(?:${TOP_LEVEL})(?![a-z0-9-]|\\.[a-z0-9])(?::\\d{2,5})?(?:[/?#][^\\s\\p{Script=Han}，。！？；：“”（）《》<>"'\`{}|\\\\^]{0,900})?)`,
  'gu',
);
const TRAILING = /[.,!?;:)\]'"*_~]{1,10}$/;

/** Web addresses, with a scheme and an encoded path. */
export function urls({ text, lower }: Reading): readonly Finding[] {
  if (!lower.includes('.') && !lower.includes('://')) return [];
  return Array.from(lower.matchAll(URL_TEXT)).flatMap((match): readonly Finding[] => {
    const trimmed = match[0].replace(TRAILING, '');
    const end = match.index + trimmed.length;
    if (/@/.test(lower.charAt(end)) || /^[^/]{0,200}@/.test(trimmed)) return [];
    const original = text.slice(match.index, end);
    const parsed = URL.parse(/^https?:/i.test(original) ? original : `https://${original}`);
    return parsed?.hostname.includes('.') ? [{ start: match.index, end, normalised: parsed.href }] : [];
  });
}
