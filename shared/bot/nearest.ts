/** The known name nearest to a wrong one, or undefined when none is near. */
export function nearest(wrong: string, known: Iterable<string>): string | undefined {
  const allowed = Math.ceil(wrong.length / 3);
  return [...known]
    .map((name) => ({ name, distance: editDistance(wrong.toLowerCase(), name.toLowerCase(), allowed) }))
    .filter(({ distance }) => distance <= allowed)
    .toSorted((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1))
    .at(0)?.name;
}

/** The hint "did you mean x?", or none. */
export function didYouMean(wrong: string, known: Iterable<string>): { readonly hint?: string } {
  const name = nearest(wrong, known);
  return name === undefined ? {} : { hint: `did you mean ${name}?` };
}

/** Levenshtein distance in two rows; a pair whose lengths differ too much is not worth counting. */
function editDistance(a: string, b: string, allowed: number): number {
  if (Math.abs(a.length - b.length) > allowed) return Infinity;
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 0; i < a.length; i += 1) {
    const row = [i + 1];
    for (let j = 0; j < b.length; j += 1) {
      const replaced = (previous[j] ?? Infinity) + (a[i] === b[j] ? 0 : 1);
      row.push(Math.min(replaced, (previous[j + 1] ?? Infinity) + 1, (row[j] ?? Infinity) + 1));
    }
    previous = row;
  }
  return previous.at(-1) ?? Infinity;
}
