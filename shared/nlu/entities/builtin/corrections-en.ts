import { weekdayOf, dateOf, lengthOfMonth, dayOf, type Day } from './calendar.ts';
import { readEnNumeral } from './numerals-en.ts';
import { approximately } from './decimal.ts';
import { monthFrom, weekendOf, type When } from './when.ts';

/*
 * Where chrono-node fails or means something else, all in one place; `corrections-en.test.ts` has a case for each.
 */

const HOURS = 'one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|1[0-2]|[1-9]';
const MINUTES = 'five|ten|twenty five|twenty-five|twenty|[1-5]?\\d';
const TENS = 'ten|fifteen|twenty|thirty|forty|forty five|forty-five|fifty';

interface Rewriting {
  readonly expression: RegExp;
  readonly read: (match: readonly string[]) => string | undefined;
}

/** Times in words, which chrono does not read, as it reads them: `half past six` becomes `6:30`. */
const REWRITINGS: readonly Rewriting[] = [
  {
    expression: new RegExp(`\\bhalf[ -]past (${HOURS})\\b(?!:)`, 'g'),
    read: ([, hour = '']) => clock(hour, 30),
  },
  {
    expression: new RegExp(`\\b(?:a )?quarter (past|to|after) (${HOURS})\\b(?!:)`, 'g'),
    read: ([, side, hour = '']) => (side === 'to' ? clock(hour, -15) : clock(hour, 15)),
  },
  {
    expression: new RegExp(
      `\\b(${MINUTES})(?: minutes)? (past|to) (${HOURS})(?= o'clock\\b| ?[ap]m\\b|$|[.,!?]| (?:in the|on|today|tomorrow|tonight))`,
      'g',
    ),
    read: ([, minutes = '', side, hour = '']) => clock(hour, (side === 'to' ? -1 : 1) * count(minutes)),
  },
  {
    expression: new RegExp(
      `(?<=\\b(?:at|by|around|before|after|until|till) )(${HOURS}) (${TENS})(?![a-z]| (?:dollars|euros|pounds|percent|minutes))`,
      'g',
    ),
    read: ([, hour = '', minutes = '']) => (/\d/.test(hour) ? undefined : clock(hour, count(minutes))),
  },
  {
    expression: new RegExp(`\\b(${HOURS}) (${TENS})(?= ?[ap]\\.?m\\b)`, 'g'),
    read: ([, hour = '', minutes = '']) => (/\d/.test(hour) ? undefined : clock(hour, count(minutes))),
  },
  { expression: new RegExp(`\\b(${HOURS})(?: o'?clock| o ?’ ?clock)`, 'g'), read: ([, hour = '']) => clock(hour, 0) },
  {
    expression: new RegExp(
      `\\b(one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)(?= ?[ap]\\.?m\\b)`,
      'g',
    ),
    read: ([, hour = '']) => String(count(hour)),
  },
  { expression: /\ba fortnight(?= ago\b)/g, read: () => '2 weeks' },
  { expression: /(?<=\bin )a fortnight\b/g, read: () => '2 weeks' },
  { expression: /(?<!the )\bday (?=after tomorrow\b|before yesterday\b)/g, read: () => 'day ' },
];

/** A text of the same length, with what chrono cannot read written as it can, and where it is not what was said. */
export interface Rewritten {
  readonly text: string;
  readonly places: readonly { readonly start: number; readonly end: number }[];
}

const REWRITABLE = /half|quarter|past| to |clock|fortnight|[ap]\.?m|\bat |\bby |until|till|around|before|after/;

/** Rewrites a text in lower case for chrono. */
export function rewritten(text: string): Rewritten {
  if (!REWRITABLE.test(text)) return { text, places: [] };
  const places: { start: number; end: number }[] = [];
  let now = text;
  for (const { expression, read } of REWRITINGS) {
    for (const match of now.matchAll(expression)) {
      const [whole] = match;
      const replacement = read(match);
      if (replacement === undefined || replacement.length > whole.length) continue;
      const end = match.index + whole.length;
      now = now.slice(0, match.index) + replacement.padStart(whole.length) + now.slice(end);
      places.push({ start: match.index, end });
    }
  }
  return { text: now, places };
}

/** Words that chrono takes for dates and times, and customers mostly do not. */
export function isNoise(text: string): boolean {
  return (
    /^(?:just )?now$/.test(text) ||
    // A length of time, not a moment.
    /^for /.test(text) ||
    // The sun, the sea of March, to mar and to wed: abbreviations count with a number beside them.
    /^(?:on )?(?:sun|sat|wed|fri|mon|thu|tue|mar|jan|feb|apr|jun|jul|aug|sep|sept|oct|nov|dec|may|march|second)[.,]?$/.test(
      text,
    ) ||
    /^(?:\S{1,10} )?(?:this|last|next|past|previous) (?:day|hour|minute|second|few|couple)\b/.test(text) ||
    // A fraction, a score, all week round.
    /^\d{1,2}\/\d{1,2}$/.test(text) ||
    /^(?:\d{4}|\d{1,2}(?:\.\d{1,2})?|from \d+|to \d+)$/.test(text) ||
    // How long, not when: durations are found apart.
    /^after .{1,30}\b(?:minute|hour|day|week|month|year)s?$/.test(text) ||
    /\bbefore$/.test(text) ||
    /^(?:the )?(?:last|next|past|previous) .{1,20}\b(?:minutes?|hours?|days|weeks|months|years|an hour)$/.test(text) ||
    /^(?:in )?the (?:day|month|year)s?$/.test(text) ||
    // Several days: how many is not said.
    /\b(?:few|several)\b/.test(text)
  );
}

const MONTHS = 'january|february|march|april|may|june|july|august|september|october|november|december'.split('|');

/** Stretches of days, which chrono makes single days of, and the days that are meant by their names alone. */
export function stretchOf(text: string, today: Day): When | undefined {
  const which = /\b(?:last|past|previous)\b/.test(text) ? -1 : /\bnext\b/.test(text) ? 1 : 0;
  const monday = today - weekdayOf(today) + 1;
  const bare = text.replace(/^(?:on|in|during|over|at|by|from|since|until|the|of) (?:the )?/, '').replace(/[.,]$/, '');
  if (/^(?:(?:this|last|past|previous|next|the) )?week$/.test(bare)) return { kind: 'week', day: today + which * 7 };
  if (/^(?:(?:this|last|past|previous|next|the) )?weekend$/.test(bare)) return weekendOf(monday + which * 7);
  if (/^(?:this|last|past|previous|next) month$/.test(bare)) return { kind: 'month', ...monthFrom(today, which) };
  if (/^(?:this|last|past|previous|next) year$/.test(bare)) return { kind: 'year', year: dateOf(today).year + which };
  return undefined;
}

const GREETING = /\b(?:good|great|nice|lovely|wonderful|pleasant|happy) $/;

/** `good morning` names no time. */
export const isGreeting = (before: string, text: string): boolean =>
  GREETING.test(before) && /^(?:morning|afternoon|evening|night|day|weekend|week)$/.test(text);

/** A weekday without last, this or next is the one to come, today included; chrono takes the nearest. */
export function weekdayToCome(text: string, weekday: number, today: Day): Day | undefined {
  if (/\b(?:last|past|previous|this|next|ago|week)\b/.test(text)) return undefined;
  return today + ((weekday - weekdayOf(today) + 7) % 7);
}

/** A month without a day: `june`, `june 2018`. Chrono gives its first day. */
export const isMonthAlone = (text: string): boolean =>
  new RegExp(
    `^(?:(?:in|since|until|by|last|next|this|of|from) )*(?:${MONTHS.join('|')}|(?:jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)\\.?),?(?: (?:of )?\\d{4})?$`,
  ).test(text);

interface Missed {
  readonly start: number;
  readonly end: number;
  readonly when: When;
}

const OWN =
  /(?<![a-z0-9])(?:(?:the )?(\d{1,2})(?:st|nd|rd|th)(?: of (this|next|last) month)?(?! (?:of |january|february|march|april|may|june|july|august|september|october|november|december|jan|feb|mar|apr|jun|jul|aug|sep|oct|nov|dec|time|order|item|one|floor|street|avenue|st\b|ave))|(?:the )?(beginning|start|middle|end) of (?:the|this|next|last|(next) ) ?month|(?:the )?(end) of (next|last) month)(?![a-z0-9])/g;

/** What chrono does not know at all: `the 15th`, `the end of the month`. */
export function missed(text: string, today: Day): readonly Missed[] {
  if (!/\dth|\dst|\dnd|\drd|month/.test(text)) return [];
  return Array.from(text.matchAll(OWN)).flatMap((match): readonly Missed[] => {
    const whole = match[0];
    const by = /\bnext\b/.test(whole) ? 1 : /\blast\b/.test(whole) ? -1 : 0;
    const { year, month } = monthFrom(today, by);
    const place = { start: match.index, end: match.index + whole.length };
    if (match[1] !== undefined) {
      const wanted = Number(match[1]);
      const near = whole.includes('month') ? [0] : [-1, 0, 1];
      const days = near.flatMap((step) => {
        const at = monthFrom(today, by + step);
        return dayOf(at.year, at.month, wanted) ?? [];
      });
      const day = days.toSorted((a, b) => Math.abs(a - today) - Math.abs(b - today) || b - a)[0];
      return day === undefined ? [] : [{ ...place, when: { kind: 'day', day } }];
    }
    const from = /beginning|start/.test(whole) ? 1 : whole.includes('middle') ? 11 : 21;
    const first = dayOf(year, month, from) ?? today;
    const to = from === 21 ? first + lengthOfMonth(year, month) - 21 : first + 9;
    return [{ ...place, when: { kind: 'days', from: first, to } }];
  });
}

function clock(hour: string, minutes: number): string | undefined {
  const of = count(hour);
  const all = of * 60 + minutes;
  if (minutes > 59 || of < 1) return undefined;
  const at = all < 60 ? all + 720 : all;
  return `${Math.floor(at / 60)}:${String(at % 60).padStart(2, '0')}`;
}

function count(text: string): number {
  if (/^\d/.test(text)) return Number(text);
  const read = readEnNumeral(text);
  return read ? approximately(read.value) : 0;
}
