import { stripVTControlCharacters, styleText } from 'node:util';

export type Style = Parameters<typeof styleText>[0];

/** Styles text for standard output; leaves it alone with NO_COLOR and where nobody looks at a terminal. */
export const paint = (style: Style, text: string): string => styleText(style, text, { stream: process.stdout });

/** Writes a line to standard output. */
export const print = (line = ''): void => void process.stdout.write(`${line}\n`);

/** Writes a value as JSON to standard output. */
export const printJson = (value: unknown): void => {
  print(JSON.stringify(value, undefined, 2));
};

/** Text of customers and bots as it may go to a terminal: without anything that would steer it. */
export const harmless = (text: string): string =>
  // eslint-disable-next-line no-control-regex -- exactly these are what is taken out
  stripVTControlCharacters(text).replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/gu, '');

/** Rows in columns that are as wide as their widest cell. The last column may be as long as it likes. */
export function columns(rows: readonly (readonly string[])[], gap = 2): readonly string[] {
  const widths = rows.reduce<number[]>((all, row) => {
    row.forEach((cell, i) => (all[i] = Math.max(all[i] ?? 0, widthOf(cell))));
    return all;
  }, []);
  return rows.map((row) =>
    row
      .map((cell, i) => (i === row.length - 1 ? cell : cell + ' '.repeat((widths[i] ?? 0) - widthOf(cell) + gap)))
      .join('')
      .trimEnd(),
  );
}

/** How many columns of a terminal the text takes: Chinese characters take two. */
export function widthOf(text: string): number {
  let width = 0;
  for (const char of stripVTControlCharacters(text)) width += WIDE.test(char) ? 2 : 1;
  return width;
}

const WIDE =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\u3000-\u303f\uff01-\uff60\p{Emoji_Presentation}]/u;

/** A number with its thousands apart. */
export const number = (n: number): string => n.toLocaleString('en-GB');
