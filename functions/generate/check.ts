import { ACTION_CLAIMS, INSULTS } from './wording.ts';

/** What an answer was made from, and must not go beyond. */
export interface Grounds {
  /** What the passages say: text, titles and addresses. */
  readonly passages: readonly string[];
  readonly question: string;
  /** What the model was told about how to answer. */
  readonly system: string;
  readonly locale: string;
  /** Words of the bot's author. */
  readonly neverSay: readonly string[];
  /** What tells who somebody is, in the answer. */
  readonly personal: readonly string[];
}

/** What can be wrong with an answer. */
export type Check =
  | 'length'
  | 'characters'
  | 'markup'
  | 'placeholder'
  | 'language'
  | 'link'
  | 'number'
  | 'personal'
  | 'word'
  | 'instructions'
  | 'claim';

/** The most that is said, in UTF-16 code units: a reply is read, often aloud. */
export const LONGEST = 1_000;

/**
 * Why an answer must not be said; undefined where nothing speaks against it. What the passages say themselves may be
 * said; the model's own words may be nothing that a customer could take for a promise, an address or a fact.
 */
export function objectionTo(answer: string, grounds: Grounds): Check | undefined {
  return CHECKS.find(([, isWrong]) => isWrong(answer, grounds))?.[0];
}

type IsWrong = (answer: string, grounds: Grounds) => boolean;

const CHECKS: readonly (readonly [Check, IsWrong])[] = [
  ['length', (answer) => answer.trim().length === 0 || answer.length > LONGEST],
  // What is invisible can hide anything from the other checks: controls, directions, joiners, tags.
  ['characters', (answer) => !answer.isWellFormed() || /[^\P{C}\n\t]/u.test(answer.replace(/\p{Emoji}\u200d/gu, ''))],
  ['markup', (answer) => /<\s*[a-z/!]|\]\s*\(|```|&[a-z#\d]{2,8};/iu.test(answer)],
  [
    'placeholder',
    (answer) => /\[\[|\]\]|\b(?:card|id_number|phone|email|address|number|said|text)-\d{1,3}\s*\]/iu.test(answer),
  ],
  ['language', (answer, { locale }) => isForeign(answer, locale)],
  ['link', (answer, { passages }) => !isSubset(linksIn(answer), passages.flatMap(linksIn))],
  [
    'number',
    (answer, { passages, question }) => !isSubset(numbersIn(answer), [...passages, question].flatMap(digitsIn)),
  ],
  [
    'personal',
    (_answer, { personal, passages, question }) => personal.some((it) => !isIn(it, [...passages, question])),
  ],
  ['word', (answer, { neverSay }) => [...INSULTS, ...neverSay].some((word) => hasWord(plain(answer), plain(word)))],
  ['instructions', (answer, { system, passages }) => repeats(answer, system, passages)],
  ['claim', (answer, { passages }) => claims(answer, passages)],
];

const plain = (text: string): string => text.normalize('NFKC').toLowerCase();
const letters = (text: string): string => plain(text).replace(/[^\p{L}\p{N}]/gu, '');
const isIn = (part: string, texts: readonly string[]): boolean =>
  texts.some((it) => letters(it).includes(letters(part)));
const isSubset = (some: readonly string[], all: readonly string[]): boolean => some.every((it) => all.includes(it));

/** A word of letters stands alone; in writing without spaces it may stand anywhere. */
function hasWord(text: string, word: string): boolean {
  for (let at = text.indexOf(word); word !== '' && at >= 0; at = text.indexOf(word, at + 1)) {
    const isWithin = /[a-z]/u.test(word) && /[a-z]/u.test((text[at - 1] ?? '') + (text[at + word.length] ?? ''));
    if (!isWithin) return true;
  }
  return false;
}

/** In another writing than the one that the customer reads. */
function isForeign(answer: string, locale: string): boolean {
  const chinese = answer.match(/\p{Script=Han}/gu)?.length ?? 0;
  const others = answer.match(/\p{L}/gu)?.length ?? 0;
  return locale.startsWith('zh') ? chinese === 0 : chinese * 2 > others && !locale.startsWith('ja');
}

/** Whatever a client could make a link of: with a scheme, with `www.`, or a name with a dot in it. */
const LINK =
  /[a-z][a-z\d+.-]{1,20}:\/\/[^\s\p{Script=Han}]+|(?:mailto|javascript|data|tel|sms):\S+|[a-z\d][a-z\d@-]{0,62}(?:[.。][a-z\d-]{1,63}){0,6}[.。](?:[a-z]{2,24})(?![a-z\d])(?:[/?#][^\s\p{Script=Han}]*)?/gu;
const linksIn = (text: string): readonly string[] =>
  Array.from(plain(text).matchAll(LINK), ([link]) => link.replace(/[.,!?;:)\]'"*_~]+$/u, ''));

/** A number of a list is none of the answer's. */
const numbersIn = (text: string): readonly string[] => digitsIn(text.replace(/^\s*\d{1,2}[.)、]\s/gmu, ''));
const digitsIn = (text: string): readonly string[] =>
  Array.from(plain(text).matchAll(/\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?/gu), ([it]) => it.replaceAll(',', ''));

/** So many letters in a row that stand in the instructions, and in no passage, are no chance. */
const REPEATED = 32;
function repeats(answer: string, system: string, passages: readonly string[]): boolean {
  const said = letters(answer);
  const told = letters(system);
  for (let at = 0; at + REPEATED <= said.length; at += 1) {
    const part = said.slice(at, at + REPEATED);
    if (told.includes(part) && !isIn(part, passages)) return true;
  }
  return false;
}

const claims = (answer: string, passages: readonly string[]): boolean =>
  ACTION_CLAIMS.some((claim) => Array.from(plain(answer).matchAll(claim)).some(([said]) => !isIn(said, passages)));
