/**
 * A label whose values come from outside, kept from growing without end: the first `max` values count for themselves,
 * all later ones together as `other`.
 */
export function boundedLabel(max: number): (value: string) => string {
  const known = new Set<string>();
  return (value) => {
    if (known.has(value)) return value;
    if (known.size >= max) return 'other';
    known.add(value);
    return value;
  };
}
