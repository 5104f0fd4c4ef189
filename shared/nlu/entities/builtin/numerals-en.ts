import { decimal, integer, plus, shifted, times, ZERO, type Decimal } from './decimal.ts';

const UNITS =
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen';
/** Maps: a customer may say `constructor`. */
const SMALL: ReadonlyMap<string, number> = new Map(UNITS.split(' ').map((word, i) => [word, i]));
const TENS: ReadonlyMap<string, number> = new Map(
  'twenty thirty forty fifty sixty seventy eighty ninety'.split(' ').map((word, i) => [word, (i + 2) * 10]),
);
const GREAT: ReadonlyMap<string, bigint> = new Map([
  ['thousand', 1_000n],
  ['million', 1_000_000n],
  ['billion', 1_000_000_000n],
]);
const REPEATS: ReadonlyMap<string, number> = new Map([
  ['double', 2],
  ['triple', 3],
  ['treble', 3],
]);
/** Other names of zero. */
const NOUGHTS: ReadonlySet<string> = new Set(['oh', 'o', 'nil', 'nought', 'naught']);
const SMALL_WORDS = `(?:${[...SMALL.keys()].join('|')}|${[...TENS.keys()].join('|')}|fourty|ninty|oh|nil|nought|naught)`;
const WORD = `(?:${SMALL_WORDS}|hundred|thousand|million|billion|double|triple|treble|dozen|point|o)`;

/** Every word that can be a number by itself, and some that cannot: what is not among them need not be read. */
export const EN_NUMBER_WORDS: ReadonlySet<string> = new Set([
  ...[SMALL, TENS, GREAT, REPEATS].flatMap((words) => [...words.keys()]),
  ...NOUGHTS,
  ...['half', 'fourty', 'ninty', 'hundred', 'dozen', 'point'],
]);

/** A number in English words, in lower case: two hundred and five, one four double seven, half a dozen, three point five. */
export const EN_NUMERAL = `(?:(?:half a|an?) (?:dozen|hundred|thousand|million|billion)|${SMALL_WORDS}|(?:double|triple|treble) ${SMALL_WORDS})(?:(?:[ -]| and (?=${SMALL_WORDS}))${WORD}\\b){0,20}`;

/** What English number words amount to, and their digits where they were spelled one by one; undefined where they are no number. */
export function readEnNumeral(text: string): { readonly value: Decimal; readonly spelled?: string } | undefined {
  const words = text
    .replace(/^an? /, 'one ')
    .split(/[ -]/)
    .filter((word) => word !== 'and')
    .map((word) => (word === 'fourty' ? 'forty' : word === 'ninty' ? 'ninety' : word));
  if (words.length === 0) return undefined;
  if (words[0] === 'half') return { value: integer(6) };
  const point = words.indexOf('point');
  const whole = point < 0 ? words : words.slice(0, point);
  const spelled = spelledOut(whole);
  const value = spelled === undefined ? cardinal(whole) : decimal(spelled);
  if (!value) return undefined;
  if (point < 0) return { value, ...(spelled !== undefined && spelled.length > 1 && { spelled }) };
  const fraction = spelledOut(words.slice(point + 1));
  return fraction ? { value: plus(value, { digits: BigInt(fraction), scale: fraction.length }) } : undefined;
}

/** one four double seven: 1477; nineteen eighty four: 1984. At least one digit, nothing but digits. */
function spelledOut(words: readonly string[]): string | undefined {
  let digits = '';
  let repeat = 1;
  for (const word of words) {
    const times = REPEATS.get(word);
    const value = NOUGHTS.has(word) ? 0 : SMALL.get(word);
    if (times !== undefined) repeat = times;
    else if (value !== undefined && value < 10) {
      digits += String(value).repeat(repeat);
      repeat = 1;
    } else return years(words) ?? pairs(words);
  }
  return digits === '' || repeat > 1 ? undefined : digits;
}

function years(words: readonly string[]): string | undefined {
  const [first = '', second = '', third = '', more] = words;
  const century = SMALL.get(first) ?? TENS.get(first) ?? 0;
  if (century < 16 || century > 20 || second === '' || more !== undefined) return undefined;
  const ten = TENS.get(second);
  const last = third === '' ? 0 : SMALL.get(third);
  if (ten !== undefined && last !== undefined && last < 10) return `${century}${ten + last}`;
  const teen = SMALL.get(second) ?? 0;
  return third === '' && teen >= 10 ? `${century}${teen}` : undefined;
}

/** forty seven eleven: 4711. Two numbers that could be a time of day are none. */
function pairs(words: readonly string[]): string | undefined {
  const groups: number[] = [];
  let room = false;
  for (const word of words) {
    const small = SMALL.get(word);
    const ten = TENS.get(word);
    if (ten !== undefined) groups.push(ten);
    else if (small !== undefined && small >= 10) groups.push(small);
    else if (room && small !== undefined && small > 0) groups.push((groups.pop() ?? 0) + small);
    else return undefined;
    room = ten !== undefined;
  }
  const [first = 0, second = 0] = groups;
  const isTime = groups.length === 2 && first <= 24 && second < 60;
  return groups.length < 2 || isTime ? undefined : groups.join('');
}

function cardinal(words: readonly string[]): Decimal | undefined {
  let total = ZERO;
  let section = 0;
  // What may still be added below: after twenty a digit, after a digit a multiplier only.
  let room = 1_000;
  for (const word of words) {
    const small = SMALL.get(word) ?? TENS.get(word);
    const great = GREAT.get(word);
    if (small !== undefined) {
      if (small >= room || (small >= 10 && room <= 10)) return undefined;
      section += small;
      room = small >= 20 ? 10 : 1;
    } else if (word === 'hundred') {
      if (section === 0 || section >= 100) return undefined;
      section *= 100;
      room = 100;
    } else if (word === 'dozen') {
      return total.digits === 0n ? integer(Math.max(1, section) * 12) : undefined;
    } else if (great !== undefined) {
      if (section === 0) return undefined;
      total = plus(total, times(integer(section), great));
      section = 0;
      room = 1_000;
    } else return undefined;
  }
  return plus(total, integer(section));
}

/** `3k`, `2m`, `1.5 million`: western digits with a letter or a word for their size. */
export function enlarged(digits: string, size: string | undefined): Decimal {
  const value = decimal(digits);
  switch (size) {
    case 'k':
    case 'thousand':
      return shifted(value, 3);
    case 'w':
      return shifted(value, 4);
    case 'm':
    case 'million':
      return shifted(value, 6);
    case 'bn':
    case 'billion':
      return shifted(value, 9);
    case 'hundred':
      return shifted(value, 2);
    case 'dozen':
      return times(value, 12n);
    default:
      return value;
  }
}
