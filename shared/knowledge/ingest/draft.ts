import type { Block } from '../split.ts';

/** An article as its file has it: what is absent is made from the name of the file or from the options. */
export interface Draft {
  readonly id?: string;
  readonly locale?: string;
  readonly title?: string;
  readonly questions: readonly string[];
  readonly blocks: readonly Block[];
  /** Where it begins in its file, counted from 1. */
  readonly line: number;
}

/** A fault in a file, thrown by the reader of its format. */
export class DraftFault extends Error {
  override readonly name = 'DraftFault';
  readonly line: number;

  constructor(line: number, message: string, cause?: unknown) {
    super(message, { cause });
    this.line = line;
  }
}

/** Blocks in the order of their file, with the headings that are open at each of them. */
export interface Outline {
  /** A heading closes those of its own and of deeper levels. */
  heading(level: number, text: string): void;
  block(text: string, line: number): void;
  readonly blocks: readonly Block[];
}

const DEEPEST = 6;

export function outline(): Outline {
  const open: { readonly level: number; readonly text: string }[] = [];
  const blocks: Block[] = [];
  return {
    heading(level, text) {
      while ((open.at(-1)?.level ?? 0) >= level) open.pop();
      const plain = oneLine(text);
      if (plain !== '' && open.length < DEEPEST) open.push({ level, text: plain.slice(0, 300) });
    },
    block(text, line) {
      const plain = oneLine(text);
      if (plain !== '') blocks.push({ headings: open.map((h) => h.text), text: plain, line });
    },
    blocks,
  };
}

// NUL and the other controls say nothing to a reader.
// eslint-disable-next-line no-control-regex
const BLANK = /[\s\u0000-\u001f\u007f-\u009f]+/gu;

/** Text on one line, without what cannot be seen. */
export const oneLine = (text: string): string => text.toWellFormed().replace(BLANK, ' ').trim();
