import { begins, continues, kindsOf, nameOf, OUTSIDE, type Kind } from './labels.ts';
import type { TokenSpan } from './gazetteer.ts';
import { readTokens, tokenRoom, type Tokens } from './tokens.ts';

/** A text with its entities marked; places count code points. */
export interface TaggedText {
  readonly text: string;
  readonly entities: readonly MarkedEntity[];
}

/** An entity that an author has marked. */
export interface MarkedEntity extends Kind {
  readonly start: number;
  readonly end: number;
}

/** An example as the trainer sees it. */
export interface Example {
  readonly tokens: Tokens;
  readonly spans: readonly TokenSpan[];
  readonly labels: Uint16Array;
}

/** Examples, the kinds that they have, and what could not be learnt from as it was marked. */
export interface Examples {
  readonly kinds: readonly Kind[];
  readonly examples: readonly Example[];
  /** Spans widened to whole words. */
  readonly widened: number;
  /** Spans left out: empty, outside of the text, overlapping another, or of no token that is read. */
  readonly dropped: number;
}

/** Brings examples into the trainer's form. What cannot be used is counted and left out; texts without tokens are, too. */
export function examplesOf(texts: readonly TaggedText[]): Examples {
  const kinds = kindsOf(texts.flatMap(({ entities }) => entities));
  const numbers = new Map(kinds.map((kind, number) => [nameOf(kind), number]));
  const room = tokenRoom();
  const examples: Example[] = [];
  let widened = 0;
  let dropped = 0;
  for (const { text, entities } of texts) {
    readTokens(text, room);
    const labels = new Uint16Array(room.count);
    const spans: TokenSpan[] = [];
    const unit = codeUnitsOf(text);
    for (const entity of entities) {
      const start = unit(entity.start);
      const end = unit(entity.end);
      let first = 0;
      while (first < room.count && (room.end[first] as number) <= start) first += 1;
      let last = first;
      while (last < room.count && (room.start[last] as number) < end) last += 1;
      last -= 1;
      if (start >= end || last < first || labels.subarray(first, last + 1).some((label) => label !== OUTSIDE)) {
        dropped += 1;
        continue;
      }
      if ((room.start[first] as number) < start || (room.end[last] as number) > end) widened += 1;
      const kind = numbers.get(nameOf(entity)) ?? 0;
      spans.push({ first, last, kind });
      labels.fill(continues(kind), first, last + 1);
      labels[first] = begins(kind);
    }
    if (room.count > 0) examples.push({ tokens: trimmed(room), spans, labels });
  }
  return { kinds, examples, widened, dropped };
}

/** Turns places in code points into places in code units. */
function codeUnitsOf(text: string): (at: number) => number {
  const starts: number[] = [];
  for (let at = 0; at < text.length; at += (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1) starts.push(at);
  if (starts.length === text.length) return (at) => at;
  return (at) => starts[at] ?? text.length;
}

function trimmed({ count, start, end, word, shape, prefix, suffix }: Tokens): Tokens {
  const each = prefix.length / start.length;
  return {
    count,
    start: start.slice(0, count),
    end: end.slice(0, count),
    word: word.slice(0, count),
    shape: shape.slice(0, count),
    prefix: prefix.slice(0, count * each),
    suffix: suffix.slice(0, count * each),
  };
}
