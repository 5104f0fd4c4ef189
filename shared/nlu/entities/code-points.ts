/** Turns places in UTF-16 code units into places in code points. Half of a surrogate pair counts as one. */
export function codePointsOf(text: string): (at: number) => number {
  const pairs: number[] = [];
  for (const { index } of text.matchAll(PAIR)) pairs.push(index);
  if (pairs.length === 0) return (at) => at;
  return (at) => at - countBelow(pairs, at);
}

const PAIR = /[\ud800-\udbff][\udc00-\udfff]/g;

/** How many of the sorted numbers are below a bound. */
function countBelow(sorted: readonly number[], bound: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? 0) < bound) low = middle + 1;
    else high = middle;
  }
  return low;
}
