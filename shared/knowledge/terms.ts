import { stemmer } from 'stemmer';
import { simplified } from '../nlu/text/simplified.ts';

/** A term's kind is its first character: pairs of Chinese characters are told from words of two characters. */
export const PAIR = '\u0001';

const APOSTROPHE = /['’‘]/gu;
const RUN = /(\p{Script=Han}+)|((?:(?!\p{Script=Han})[\p{L}\p{M}\p{N}])+)/gu;
const ENGLISH = /^[a-z]+$/u;
/** A word or number longer than this is nothing that anybody asks for. */
const LONGEST_WORD = 40;
/** So much of a stretch without any punctuation goes to the word breaker at once: its time grows faster than the length. */
const STRETCH = 400;

// The words that stand in every text and say nothing about it. Questions' own words (how, when, who) among them.
const SILENT = new Set(
  `a an and are as at be been but by can could did do does for from had has have he her him his how i if in into is it
  its me my of on or our she so than that the their them then there these they this those to us was we were what when
  where which who why will with would you your im ive id dont doesnt didnt cant wont isnt its youre 的 了 吗 呢 啊 呀 吧
  我 你 您 我们 你们 是 在 有 就 都 也 还 和 与 及 或 怎么 什么 哪 哪里 哪儿 怎么办 这 那 一个 请 把 给 被 要 想 能 可以 会 不 没 没有 到 去 来 上 个`
    .split(/\s+/u)
    .filter(Boolean),
);

const words = new Intl.Segmenter('zh', { granularity: 'word' });

/**
 * What a text is searched by, in order and with repetitions: English words by their stem (Porter), Chinese words as
 * ICU's dictionary divides them, and each pair of neighbouring Chinese characters, for words that the dictionary does
 * not know or divides otherwise. Full-width and traditional forms come out like the plain and simplified ones.
 */
export function termsOf(text: string): readonly string[] {
  const plain = simplified(text.toWellFormed().normalize('NFKC')).toLowerCase().replace(APOSTROPHE, '');
  const terms: string[] = [];
  for (const [run, han] of plain.matchAll(RUN)) {
    if (han === undefined) addWord(run, terms);
    else for (let at = 0; at < han.length; at += STRETCH) addChinese(han.slice(at, at + STRETCH), terms);
  }
  return terms;
}

function addWord(word: string, terms: string[]): void {
  if (word.length > LONGEST_WORD || SILENT.has(word)) return;
  terms.push(ENGLISH.test(word) ? stemmer(word) : word);
}

function addChinese(run: string, terms: string[]): void {
  for (const { segment } of words.segment(run)) if (!SILENT.has(segment)) terms.push(segment);
  for (let i = 0; i + 1 < run.length; i++) terms.push(PAIR + run.slice(i, i + 2));
}
