import { simplified } from './simplified.ts';

/** An intent that far down is no news, and the time to read must not grow with a customer's patience. */
export const MOST_READ = 2_000;

/** Which number it is hardly ever matters to what is wanted: any longer one is written the same. */
const NUMBER = /(?<![a-z])[a-z]{0,3}[-\s]?\d(?:[-\s]?\d){3,}/g;
/** How every longer number is written. */
export const ANY_NUMBER = '0000';
const DIGIT = /\d/;

/** Beyond these, letters have compatibility forms, several cases or simplified ones. */
// eslint-disable-next-line no-control-regex -- all of ASCII is meant
const BEYOND_ASCII = /[^\u0000-\u007f]/;
const APOSTROPHE = /['’‘]/g;

/**
 * A text as models see it: its first 2,000 UTF-16 units, compatibility forms (full-width letters among them) made
 * plain, lower case, Chinese simplified, long numbers alike, apostrophes gone, broken surrogates replaced. Bounded in
 * time and memory for any text.
 */
export function plainText(text: string): string {
  let plain = text.length > MOST_READ ? text.slice(0, MOST_READ) : text;
  // NFKC can make one character eighteen: the bound holds for what comes out, too.
  if (BEYOND_ASCII.test(plain)) plain = simplified(plain.toWellFormed().normalize('NFKC').slice(0, MOST_READ));
  plain = plain.toLowerCase().replace(APOSTROPHE, '');
  return DIGIT.test(plain) ? plain.replace(NUMBER, ` ${ANY_NUMBER} `) : plain;
}

/** Runs of characters written without spaces between words, and words of all other scripts. */
const RUN = /(\p{Script=Han}+)|((?:(?!\p{Script=Han})[\p{L}\p{M}\p{N}])+)/gu;

/** The words of a plain text, one space apart: equal for texts that differ in punctuation only. */
export function wordsOf(plain: string): string {
  return (plain.match(RUN) ?? []).join(' ');
}
