import { languageOf } from '../../shared/nlu/text/language.ts';

/** What is known about the language of a session. */
export interface Tongues {
  /** What the session was opened with, by a channel or a page that knows. */
  readonly opened: string | undefined;
  /** The language of the last utterance. */
  readonly last: string | undefined;
  /** What the bot speaks, best first. */
  readonly bot: readonly string[];
}

const HAN = /\p{Script=Han}/gu;
const KANA = /[\p{Script=Hiragana}\p{Script=Katakana}]/u;
const LATIN_WORDS = /(?<![\p{L}\p{N}])\p{Script=Latin}{2,}(?![\p{L}\p{N}])/gu;
// An order number has Latin letters and says nothing about its sender's language; a word in lower case does.
const LATIN_WORD = /(?<![\p{L}\p{N}])[\p{Lu}]?\p{Ll}+(?![\p{L}\p{N}])/u;
/** What Chinese customers say as well, where it is all that they say. */
const SHARED = /^[^\p{L}\p{N}]*(?:ok|okay|no|yes|hi|bye|thx|thanks|wow|haha|emm+|app|vip|email|wifi)[^\p{L}\p{N}]*$/iu;
const NOT_LATIN = new Set(['zh', 'ja', 'ko', 'ru', 'uk', 'ar', 'he', 'th', 'hi', 'el']);
const DEFAULT = 'zh';
/** About as many Chinese characters say as much as one English word. */
const HAN_PER_WORD = 1.6;

/**
 * The language of an utterance that does not say it. Who writes Chinese is answered in Chinese; who writes English, too,
 * unless a channel or a page has said what the session's language is. What tells nothing (numbers, emoji, one word that
 * everybody uses, English with a Chinese word in it) changes nothing: the session's language stays, which is what it was
 * opened with, else that of what was said before, else the bot's first.
 */
export function localeOf(text: string, { opened, last, bot }: Tongues): string {
  const stays = opened ?? last;
  switch (languageOf(text)) {
    case 'zh':
      if (KANA.test(text)) break;
      return chinese(opened, last, bot);
    case 'mixed':
      // Nobody who has no Chinese writes any; who writes some in an English sentence can do with either.
      if (stays === undefined || isMostlyChinese(text)) return chinese(opened, last, bot);
      break;
    case 'en': {
      if (opened !== undefined || !LATIN_WORD.test(text) || (last !== undefined && SHARED.test(text))) break;
      const latin = [last, ...bot].find((l) => l !== undefined && !NOT_LATIN.has(tongueOf(l)));
      if (latin !== undefined) return latin;
      break;
    }
    case 'unknown':
      break;
  }
  return stays ?? bot[0] ?? DEFAULT;
}

const chinese = (opened: string | undefined, last: string | undefined, bot: readonly string[]): string =>
  [opened, last, ...bot].find((l) => l !== undefined && tongueOf(l) === 'zh') ?? 'zh';

/** 我的 iPhone 在哪 is a Chinese sentence; what does 退款 mean is none. */
const isMostlyChinese = (text: string): boolean =>
  (text.match(HAN)?.length ?? 0) / HAN_PER_WORD > (text.match(LATIN_WORDS)?.length ?? 0);

const tongueOf = (locale: string): string => locale.split('-', 1)[0]?.toLowerCase() ?? '';
