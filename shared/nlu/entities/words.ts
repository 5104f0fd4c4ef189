import { normalise } from './normalised.ts';

/** A word found in a text: what stands for it, and where. */
export interface FoundWord<T> {
  readonly item: T;
  readonly start: number;
  readonly end: number;
}

interface Node<T> {
  readonly next: Map<string, Node<T>>;
  readonly items: T[];
}

/** Letters and digits: where a script parts its words by spaces, a word inside another word is not meant. */
const PARTED = /[\p{L}\p{N}\p{M}]/u;
const UNPARTED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}]/u;

/**
 * Finds all of many words in one pass over a text: from every place it follows one path through a tree, so the number of
 * words does not matter, only the longest of them.
 */
export function wordFinder<T>(
  words: readonly { readonly word: string; readonly item: T }[],
): (lower: string) => readonly FoundWord<T>[] {
  const root: Node<T> = { next: new Map(), items: [] };
  for (const { word, item } of words) {
    let node = root;
    for (const unit of units(normalise(word).lower)) {
      const next: Node<T> = node.next.get(unit) ?? { next: new Map(), items: [] };
      node.next.set(unit, next);
      node = next;
    }
    if (node !== root) node.items.push(item);
  }
  return (lower) => {
    const found: FoundWord<T>[] = [];
    for (let start = 0; start < lower.length; start += 1) {
      if (joined(lower, start)) continue;
      let node = root.next.get(lower.charAt(start));
      for (let end = start + 1; node; end += 1) {
        if (node.items.length > 0 && !joined(lower, end)) {
          for (const item of node.items) found.push({ item, start, end });
        }
        node = node.next.get(lower.charAt(end));
      }
    }
    return found;
  };
}

/** Whether the characters on both sides of a place belong to one word. */
function joined(text: string, at: number): boolean {
  return (
    at > 0 &&
    at < text.length &&
    isParted(before(text, at)) &&
    isParted(String.fromCodePoint(text.codePointAt(at) ?? 0))
  );
}

function isParted(character: string): boolean {
  return PARTED.test(character) && !UNPARTED.test(character);
}

function before(text: string, at: number): string {
  const low = text.charCodeAt(at - 1);
  const pair = low >= 0xdc00 && low <= 0xdfff && at > 1;
  return text.slice(pair ? at - 2 : at - 1, at);
}

function units(text: string): readonly string[] {
  return Array.from({ length: text.length }, (_, i) => text.charAt(i));
}
