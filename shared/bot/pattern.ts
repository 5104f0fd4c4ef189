/**
 * Whether a regular expression from a bot can be trusted with a stranger's text. JavaScript's engine backtracks, so a
 * careless pattern can stop a process. Repetition therefore needs an upper bound, and from the bounds follows how many
 * steps one attempt can take at most: a conservative count that may refuse a harmless pattern but never lets a bad one by.
 */

const LONGEST_SOURCE = 500;
const MOST_STEPS = 10_000;

/** In how many ways a piece can match at one place, and how many steps it takes to try all of them. */
interface Cost {
  readonly ways: number;
  readonly steps: number;
}
const EMPTY: Cost = { ways: 1, steps: 0 };
const ONE: Cost = { ways: 1, steps: 1 };

const ATOM = /\\[pPu]\{[^}]*\}|\\.|\[(?:\\.|[^\]\\])*\]|[^()|]/suy;
const OPENING = /\((?:\?(?:<?[=!]|<[^>]*>|[a-z-]*:))?/y;
const QUANTIFIER = /(?:([*+?])|\{(\d+)(,?)(\d*)\})\??/y;

/** Compiles a pattern the one way that all of the platform uses: Unicode, upper and lower case alike, all matches with places. */
export function compilePattern(source: string): RegExp {
  return new RegExp(source, 'dgiu');
}

/** What is wrong with a pattern, or undefined when it compiles and every attempt to match it is short. */
export function patternProblem(source: string): string | undefined {
  if (source.length > LONGEST_SOURCE) return `a pattern may have ${LONGEST_SOURCE} characters`;
  const compiled = tryCompile(source);
  if (typeof compiled === 'string') return compiled;
  if (compiled.test('')) return 'the pattern matches an empty text';
  const { steps } = cost(source);
  if (steps === Infinity) return 'the pattern repeats without an upper bound: write {0,20} or {1,20} instead of * or +';
  return steps > MOST_STEPS ? 'the pattern can backtrack too much: nest and repeat less' : undefined;
}

function tryCompile(source: string): RegExp | string {
  try {
    return compilePattern(source);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Reads a source that is known to compile, so that anything not special may be taken for a character. */
function cost(source: string): Cost {
  let at = 0;
  const take = (token: RegExp): RegExpExecArray | null => {
    token.lastIndex = at;
    const match = token.exec(source);
    if (match) at = token.lastIndex;
    return match;
  };
  const alternatives = (): Cost => {
    let sum = sequence();
    while (source[at] === '|') {
      at += 1;
      sum = either(sum, sequence());
    }
    return sum;
  };
  const sequence = (): Cost => {
    let sum = EMPTY;
    while (at < source.length && source[at] !== '|' && source[at] !== ')') sum = then(sum, repeated(atom()));
    return sum;
  };
  const atom = (): Cost => {
    if (!take(OPENING)) {
      take(ATOM);
      return ONE;
    }
    const inside = alternatives();
    at += 1;
    return inside;
  };
  const repeated = (piece: Cost): Cost => {
    const match = take(QUANTIFIER);
    if (!match) return piece;
    const [, sign, least, comma, most] = match;
    if (sign === '?') return either(EMPTY, piece);
    if (sign !== undefined || (comma === ',' && most === '')) return { ways: Infinity, steps: Infinity };
    return times(piece, Number(least), comma === ',' ? Number(most) : Number(least));
  };
  return alternatives();
}

function either(a: Cost, b: Cost): Cost {
  return { ways: a.ways + b.ways, steps: a.steps + b.steps };
}

function then(first: Cost, second: Cost): Cost {
  return { ways: first.ways * second.ways, steps: first.steps + first.ways * second.steps };
}

function times(piece: Cost, least: number, most: number): Cost {
  let run = EMPTY;
  let ways = least === 0 ? 1 : 0;
  for (let count = 1; count <= most && run.steps <= MOST_STEPS; count += 1) {
    run = then(run, piece);
    if (count >= least) ways += run.ways;
  }
  return { ways: Math.max(1, ways), steps: run.steps };
}
