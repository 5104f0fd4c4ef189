import { MAX_PASSAGE, type Passage } from './article.ts';

/** A paragraph, list item, row of a table or the like, under the headings that lead to it. */
export interface Block {
  readonly headings: readonly string[];
  readonly text: string;
  /** Where it begins in its file, counted from 1. */
  readonly line: number;
}

/** A passage is filled up to this length from what follows, even from under another heading. */
export const MIN_PASSAGE = 80;

const sentences = new Intl.Segmenter('zh', { granularity: 'sentence' });
const characters = new Intl.Segmenter('und', { granularity: 'grapheme' });

/**
 * Joins neighbouring blocks to passages of 80 to 400 UTF-16 units that do not overlap and together have every word of
 * the article. A passage ends with its section unless it is shorter than 80; a longer block is cut after a sentence,
 * and within one only where the sentence alone is too long. Only the whole of a short article, or an end that the
 * passage before has no room for, is shorter than 80.
 */
export function passagesOf(blocks: readonly Pick<Block, 'headings' | 'text'>[]): readonly Passage[] {
  const passages: { headings: readonly string[]; text: string; last: string }[] = [];
  for (const { headings, text } of blocks.flatMap(pieces)) {
    const open = passages.at(-1);
    const under = headings.join('\n');
    // Where a new section begins within a passage, its heading stands there as a line.
    const heading = under === open?.last ? undefined : headings.at(-1);
    const added = heading === undefined ? text : `${heading}\n${text}`;
    const room = open && open.text.length + 1 + added.length <= MAX_PASSAGE;
    if (room && (open.text.length < MIN_PASSAGE || under === open.last)) {
      open.text += `\n${added}`;
      open.last = under;
    } else passages.push({ headings, text, last: under });
  }
  const [before, end] = passages.slice(-2);
  if (before && end && end.text.length < MIN_PASSAGE) {
    const heading = end.headings.join('\n') === before.last ? undefined : end.headings.at(-1);
    const text = [before.text, ...(heading === undefined ? [] : [heading]), end.text].join('\n');
    if (text.length <= MAX_PASSAGE) passages.splice(-2, 2, { ...before, text });
  }
  return passages.map(({ headings, text }) => ({ headings: [...headings], text }));
}

function pieces({
  headings,
  text,
}: Pick<Block, 'headings' | 'text'>): readonly { headings: readonly string[]; text: string }[] {
  if (text.length <= MAX_PASSAGE) return [{ headings, text }];
  const parts = [...sentences.segment(text)].flatMap(({ segment }) =>
    segment.length <= MAX_PASSAGE ? [segment] : [...characters.segment(segment)].flatMap((c) => cut(c.segment)),
  );
  return joined(parts).map((part) => ({ headings, text: part }));
}

/** One character for its reader can be thousands for a program. */
function cut(character: string): readonly string[] {
  if (character.length <= MAX_PASSAGE) return [character];
  return Array.from(character);
}

function joined(parts: readonly string[]): readonly string[] {
  const all: string[] = [];
  let open = '';
  for (const part of parts) {
    if (open.length + part.length > MAX_PASSAGE) {
      all.push(open);
      open = '';
    }
    open += part;
  }
  return [...all, open].map((part) => part.trim()).filter((part) => part !== '');
}
