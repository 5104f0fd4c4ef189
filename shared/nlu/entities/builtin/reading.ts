import type { Circumstances } from '../entity.ts';
import type { Normalised } from '../normalised.ts';

/** A text as the built-in recognisers see it: all three have the same length. */
export interface Reading extends Normalised {
  /** Lower case, with traditional Chinese characters simplified. */
  readonly plain: string;
  /** Whether there is a digit at all: most recognisers need one, or a word for one. */
  readonly hasDigit: boolean;
  /** Whether a Chinese character may be part of a number, a day or an hour. */
  readonly hasChinese: boolean;
  /** Whether there is a Latin letter. */
  readonly hasLatin: boolean;
}

/** A value in a text: where it stands, in UTF-16 code units of the normalised text, and what a program needs of it. */
export interface Finding {
  readonly start: number;
  readonly end: number;
  readonly normalised: string;
}

/** Finds the values of one dimension. Pure, and in time that grows with the length of the text only. */
export type Recogniser = (reading: Reading, circumstances: Circumstances) => readonly Finding[];

/** Every match of a global expression, as what `read` makes of it; undefined is no finding. */
export function findings(
  text: string,
  expression: RegExp,
  read: (match: RegExpMatchArray) => string | undefined,
): readonly Finding[] {
  const found: Finding[] = [];
  for (const match of text.matchAll(expression)) {
    const normalised = read(match);
    if (normalised === undefined) continue;
    found.push({ start: match.index, end: match.index + match[0].length, normalised });
  }
  return found;
}
