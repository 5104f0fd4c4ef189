/** What is known about the language of a session. */
export interface Tongues {
  /** What the session was opened with. */
  readonly opened: string | undefined;
  /** The language of the last utterance. */
  readonly last: string | undefined;
  /** What the bot speaks, best first. */
  readonly bot: readonly string[];
}

const HAN = /\p{Script=Han}/u;
const KANA = /[\p{Script=Hiragana}\p{Script=Katakana}]/u;
// An order number has Latin letters and says nothing about its sender's language; a word in lower case does.
const LATIN_WORD = /(?<![\p{L}\p{N}])[\p{Lu}]?\p{Ll}+(?![\p{L}\p{N}])/u;
const NOT_LATIN = new Set(['zh', 'ja', 'ko', 'ru', 'uk', 'ar', 'he', 'th', 'hi', 'el']);
const DEFAULT = 'zh';

/**
 * The language of an utterance that does not say it: by its script where that tells, else what the session began with,
 * else that of the words, else that of what was said before, else the bot's first.
 */
export function localeOf(text: string, { opened, last, bot }: Tongues): string {
  if (HAN.test(text) && !KANA.test(text)) {
    return [opened, last, ...bot].find((l) => l !== undefined && languageOf(l) === 'zh') ?? 'zh';
  }
  if (opened !== undefined) return opened;
  if (LATIN_WORD.test(text) && /\p{Script=Latin}/u.test(text)) {
    const latin = [last, ...bot].find((l) => l !== undefined && !NOT_LATIN.has(languageOf(l)));
    if (latin !== undefined) return latin;
  }
  return last ?? bot[0] ?? DEFAULT;
}

const languageOf = (locale: string): string => locale.split('-', 1)[0]?.toLowerCase() ?? '';
