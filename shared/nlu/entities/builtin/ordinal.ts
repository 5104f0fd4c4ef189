import { written } from './decimal.ts';
import { quantitiesIn } from './quantities.ts';
import { findings, type Finding, type Reading } from './reading.ts';

const WORDS =
  'first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth';
const ORDINALS: Readonly<Record<string, number>> = {
  ...Object.fromEntries(WORDS.split(' ').map((word, i) => [word, i + 1])),
  thirtieth: 30,
};
const TENS: Readonly<Record<string, number>> = { twenty: 20, thirty: 30, forty: 40, fifty: 50, sixty: 60 };
/** The time unit and the verb, polite filler, and names of things are not places in an order. */
const WORDED = new RegExp(
  `(?<![a-z]|\\b(?:a|one|per|you|at|i|just) )(?:(${Object.keys(TENS).join('|')})[ -])?(${Object.keys(ORDINALS).join('|')})(?![a-z]| (?:of all|name|class)\\b)`,
  'gu',
);
const DIGITS = /(?<![a-z0-9.,])(\d{1,6})(?:st|nd|rd|th)(?![a-z0-9])/gu;

/** The value of an English ordinal word; undefined where it is none. */
export const enOrdinal = (tens: string | undefined, word: string): number | undefined => {
  const value = ORDINALS[word];
  if (value === undefined || (tens !== undefined && value > 9)) return undefined;
  return (tens === undefined ? 0 : (TENS[tens] ?? 0)) + value;
};

/** Places in an order, as whole numbers: 第三个 and `the third` are `3`. */
export function ordinals(reading: Reading): readonly Finding[] {
  const { plain, hasLatin, hasDigit, hasChinese } = reading;
  const chinese =
    hasChinese && plain.includes('第')
      ? quantitiesIn(reading)
          .filter(({ start, script }) => script !== 'en' && plain[start - 1] === '第')
          .map(({ start, end, value }) => ({ start: start - 1, end, normalised: written(value) }))
      : [];
  if (!hasLatin) return chinese;
  return [
    ...chinese,
    ...(hasDigit ? findings(plain, DIGITS, ([, digits = '']) => String(Number(digits))) : []),
    ...findings(plain, WORDED, ([, tens, word = '']) => enOrdinal(tens, word)?.toString()),
  ];
}
