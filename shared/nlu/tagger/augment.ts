import { begins, continues, OUTSIDE } from './labels.ts';
import type { TokenSpan } from './gazetteer.ts';
import type { Example } from './examples.ts';
import { AFFIXES, type Tokens } from './tokens.ts';

/** Some tokens of an example. */
interface Piece {
  readonly tokens: Tokens;
  readonly first: number;
  readonly last: number;
  readonly kind: number;
}

/**
 * More examples: each of those with spans again, `share` times on average, with values of the same kinds from other
 * examples in place of its own. What a value looks like and what stands around it are learnt apart.
 */
export function swapped(examples: readonly Example[], share: number, random: () => number): readonly Example[] {
  const values = new Map<number, Map<string, Piece>>();
  for (const { tokens, spans } of examples) {
    for (const { first, last, kind } of spans) {
      const known = values.get(kind) ?? new Map<string, Piece>();
      values.set(kind, known);
      known.set(tokens.word.subarray(first, last + 1).join(), { tokens, first, last, kind });
    }
  }
  const choices = new Map([...values].map(([kind, pieces]) => [kind, [...pieces.values()]]));
  const more: Example[] = [];
  for (const example of examples) {
    if (example.spans.length === 0) continue;
    for (let left = share; left > 0; left -= 1) {
      if (left < 1 && random() >= left) continue;
      more.push(withOther(example, choices, random));
    }
  }
  return more;
}

function withOther(
  { tokens, spans }: Example,
  choices: ReadonlyMap<number, readonly Piece[]>,
  random: () => number,
): Example {
  const pieces: Piece[] = [];
  let next = 0;
  for (const span of [...spans].sort((a, b) => a.first - b.first)) {
    if (span.first > next) pieces.push({ tokens, first: next, last: span.first - 1, kind: -1 });
    const others = choices.get(span.kind) ?? [];
    pieces.push(others[Math.floor(random() * others.length)] ?? { tokens, ...span });
    next = span.last + 1;
  }
  if (next < tokens.count) pieces.push({ tokens, first: next, last: tokens.count - 1, kind: -1 });
  return joined(pieces);
}

function joined(pieces: readonly Piece[]): Example {
  const count = pieces.reduce((sum, { first, last }) => sum + last - first + 1, 0);
  const numbers = (each = 1): Int32Array => new Int32Array(count * each);
  const tokens: Tokens = {
    count,
    start: numbers(),
    end: numbers(),
    word: numbers(),
    shape: numbers(),
    prefix: numbers(AFFIXES),
    suffix: numbers(AFFIXES),
  };
  const labels = new Uint16Array(count);
  const spans: TokenSpan[] = [];
  let at = 0;
  for (const { tokens: from, first, last, kind } of pieces) {
    tokens.word.set(from.word.subarray(first, last + 1), at);
    tokens.shape.set(from.shape.subarray(first, last + 1), at);
    tokens.prefix.set(from.prefix.subarray(first * AFFIXES, (last + 1) * AFFIXES), at * AFFIXES);
    tokens.suffix.set(from.suffix.subarray(first * AFFIXES, (last + 1) * AFFIXES), at * AFFIXES);
    const end = at + last - first + 1;
    if (kind >= 0) {
      spans.push({ first: at, last: end - 1, kind });
      labels.fill(continues(kind), at, end);
      labels[at] = begins(kind);
    } else labels.fill(OUTSIDE, at, end);
    at = end;
  }
  return { tokens, spans, labels };
}
