/** What a character is to a reader of words. */
export type CharacterKind = typeof OTHER | typeof WORD | typeof HAN;

/** Spaces, punctuation, signs, emoji, control characters. */
export const OTHER = 1;
/** Letters, marks and digits of every script that separates words. */
export const WORD = 2;
/** Chinese characters, which no space separates. */
export const HAN = 3;

const IS_HAN = /^\p{Script=Han}$/u;
const IS_WORD = /^[\p{L}\p{M}\p{N}]$/u;

/** What the characters up to U+FFFF are, filled as they are met; 0 is not yet known. */
const known = new Uint8Array(0x1_0000);

/** The kind of a character by its code point; half a surrogate pair is none that is read. */
export function kindOf(code: number): CharacterKind {
  if (code > 0xffff) return examined(code);
  const kind = known[code] as CharacterKind | 0;
  return kind === 0 ? (known[code] = examined(code)) : kind;
}

function examined(code: number): CharacterKind {
  const character = String.fromCodePoint(code);
  if (IS_HAN.test(character)) return HAN;
  return IS_WORD.test(character) ? WORD : OTHER;
}
