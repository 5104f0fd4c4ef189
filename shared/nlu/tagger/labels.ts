/** What a span is: an entity, and its role and group where the bot's author tells them apart. */
export interface Kind {
  readonly entity: string;
  readonly role?: string | undefined;
  readonly group?: string | undefined;
}

/** The label of a token outside of every span. Kind k begins with label 2k + 1 and goes on with 2k + 2. */
export const OUTSIDE = 0;

/** The label of the first token of a kind. */
export function begins(kind: number): number {
  return 2 * kind + 1;
}

/** The label of every further token of a kind. */
export function continues(kind: number): number {
  return 2 * kind + 2;
}

/** How many labels there are for so many kinds. */
export function labelCount(kinds: number): number {
  return 2 * kinds + 1;
}

/** The kinds of some spans, each once, in an order that does not depend on the order of the spans. */
export function kindsOf(spans: Iterable<Kind>): readonly Kind[] {
  const found = new Map<string, Kind>();
  for (const { entity, role, group } of spans) {
    const kind = { entity, ...(role === undefined ? {} : { role }), ...(group === undefined ? {} : { group }) };
    found.set(nameOf(kind), kind);
  }
  return [...found.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, kind]) => kind);
}

/** A name that no other kind has. */
export function nameOf({ entity, role, group }: Kind): string {
  return JSON.stringify([entity, role ?? '', group ?? '']);
}
