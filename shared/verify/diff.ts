/** One value that differs between two states; `before` or `after` is absent where there was none. */
export interface Change {
  /** For example `slots.order_number` or `turns.01J….decided`. */
  readonly path: string;
  readonly before?: unknown;
  readonly after?: unknown;
}

/**
 * What differs between two plain JSON values, as deep down as both have the same kind of thing there. Elements of
 * arrays are known by their `id` where they have one, else by their place.
 */
export function differences(before: unknown, after: unknown, path = ''): readonly Change[] {
  const [from, to] = [childrenOf(before), childrenOf(after)];
  if (from && to && Array.isArray(before) === Array.isArray(after)) {
    return [...new Set([...from.keys(), ...to.keys()])].flatMap((key) =>
      differences(from.get(key), to.get(key), path ? `${path}.${key}` : key),
    );
  }
  if (before === after) return [];
  return [{ path, ...(before !== undefined && { before }), ...(after !== undefined && { after }) }];
}

/** Whether two values have the same JSON, whatever the order of their keys. */
export const sameJson = (a: unknown, b: unknown): boolean => differences(a, b).length === 0;

function childrenOf(value: unknown): ReadonlyMap<string, unknown> | undefined {
  if (value === null || typeof value !== 'object') return undefined;
  if (!Array.isArray(value)) return new Map(Object.entries(value));
  return new Map(value.map((child: unknown, i) => [idOf(child) ?? String(i), child]));
}

const idOf = (value: unknown): string | undefined => {
  if (value === null || typeof value !== 'object' || !('id' in value)) return undefined;
  return typeof value.id === 'string' ? value.id : undefined;
};
