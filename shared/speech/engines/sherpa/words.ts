import type { HeardWord } from '../../engine.ts';
import { tidied } from '../remote.ts';
import type { SherpaResult } from './library.ts';

/** A symbol that is a word by itself. */
const CHINESE = /^\s*\p{Script=Han}/u;
/** A word lasts until the next one begins, and no longer than this. */
const LONGEST_MS = 600;

/**
 * The words of a result and when they were said, from its symbols, each of which begins a word where a space stands
 * before it. Undefined where the symbols do not make up the text (some models mark words in other ways).
 */
export function wordsOf({ text, tokens, timestamps }: SherpaResult, endMs: number): readonly HeardWord[] | undefined {
  if (tokens.length === 0 || tokens.length !== timestamps.length) return undefined;
  const begun: { text: string; fromMs: number }[] = [];
  tokens.forEach((token, i) => {
    const last = begun.at(-1);
    const isNew = !last || token.startsWith(' ') || CHINESE.test(token);
    if (isNew) begun.push({ text: token.trim(), fromMs: Math.min(endMs, Math.round((timestamps[i] ?? 0) * 1_000)) });
    else last.text += token.trim();
  });
  const said = begun.filter((word) => word.text !== '');
  if (said.map((word) => word.text).join('') !== tidied(text).replaceAll(' ', '')) return undefined;
  return said.map((word, i) => ({
    ...word,
    toMs: Math.max(word.fromMs, Math.min(said[i + 1]?.fromMs ?? endMs, word.fromMs + LONGEST_MS, endMs)),
  }));
}
