import { kindOf, HAN, WORD } from './characters.ts';

/**
 * What an utterance is written in. `en` stands for the Latin script, since the platform speaks no third language;
 * `unknown` for any other script, and for what has no letters at all.
 */
export type Language = 'zh' | 'en' | 'mixed' | 'unknown';

/** A Chinese sentence with a brand or a unit in it ("我的 iphone 呢", "5 kg") is Chinese; one English word in four is not. */
const MIXED_FROM = 0.25;
/** About as many Chinese characters say as much as one English word. */
const HAN_PER_WORD = 1.6;

/** Tells in which language an utterance is written, by its letters alone; order numbers are no words. */
export function languageOf(text: string): Language {
  let han = 0;
  let words = 0;
  let other = 0;
  let inWord = false;
  let letters = 0;
  let digits = false;
  const endWord = (): void => {
    if (inWord && letters > 1 && !digits) words += 1;
    inWord = false;
    letters = 0;
    digits = false;
  };
  for (const char of text.slice(0, MOST_LOOKED_AT)) {
    const code = char.codePointAt(0) ?? 0;
    const kind = kindOf(code);
    if (kind === WORD && isLatin(code)) {
      inWord = true;
      letters += 1;
    } else if (kind === WORD && inWord && code < 0x80) digits = true;
    else if (code !== APOSTROPHE) {
      endWord();
      if (kind === HAN) han += 1;
      else if (kind === WORD && code >= 0x80) other += 1;
    }
  }
  endWord();
  const chinese = han / HAN_PER_WORD;
  if (other > han + letters + words * 3) return 'unknown';
  if (han === 0) return words > 0 ? 'en' : 'unknown';
  if (words / (words + chinese) >= MIXED_FROM) return 'mixed';
  return 'zh';
}

const MOST_LOOKED_AT = 2_000;
const APOSTROPHE = 0x27;

/** ASCII letters, Latin-1 and the extensions up to the phonetic ones, and full-width letters. */
function isLatin(code: number): boolean {
  const lower = code | 0x20;
  if (lower >= 0x61 && lower <= 0x7a) return true;
  return (code >= 0xc0 && code < 0x250) || (code >= 0xff21 && code <= 0xff5a);
}
