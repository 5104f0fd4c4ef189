import type { AnyEventDefinition } from './define.ts';
import { fieldsOf } from './shape.ts';

/** The shape of one revision: what stands at each place of its data. */
export type LockedShape = Readonly<Record<string, string>>;

/** The shape of every revision of every event type, as it was when it was first written. */
export type Lock = Readonly<Record<string, Readonly<Record<string, LockedShape>>>>;

/** What is wrong between the catalogue and its lock. */
export interface Difference {
  readonly type: string;
  readonly revision: number;
  /** `new`: not locked yet; `changed`: another shape is locked; `gone`: locked, but not readable any more. */
  readonly kind: 'new' | 'changed' | 'gone';
  readonly message: string;
}

/** The shape of an event type's current revision, one line for each place of its data. */
export const shapeOf = ({ schema }: AnyEventDefinition): LockedShape =>
  Object.fromEntries(
    fieldsOf(schema).map(({ path, optional, type, checks, personal }) => [
      `${path}${optional ? '?' : ''}`,
      [type, ...checks, ...(personal ? ['personal'] : [])].join(', '),
    ]),
  );

/** Compares the catalogue with its lock. Empty where every revision is what it was when it was locked. */
export function differences(catalogue: readonly AnyEventDefinition[], lock: Lock): readonly Difference[] {
  const known = new Map(catalogue.map((d) => [d.type as string, d]));
  const gone = Object.entries(lock).flatMap(([type, revisions]): readonly Difference[] => {
    const newest = Math.max(...Object.keys(revisions).map(Number));
    const current = known.get(type)?.revision ?? 0;
    if (current >= newest) return [];
    const message =
      `${type}: the log may hold revision ${newest}, which is not in the catalogue any more. ` +
      'Whatever was written once has to stay readable: put it back.';
    return [{ type, revision: newest, kind: 'gone', message }];
  });
  return [...gone, ...catalogue.flatMap((d) => differenceOf(d, lock))];
}

/** The lock with what is new added to it and, where wanted, with what has changed replaced. Older revisions stay. */
export function locked(catalogue: readonly AnyEventDefinition[], lock: Lock): Lock {
  const merged: Record<string, Readonly<Record<string, LockedShape>>> = { ...lock };
  for (const definition of catalogue) {
    const { type, revision } = definition as { readonly type: string; readonly revision: number };
    merged[type] = { ...merged[type], [revision]: shapeOf(definition) };
  }
  return Object.fromEntries(Object.entries(merged).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function differenceOf(definition: AnyEventDefinition, lock: Lock): readonly Difference[] {
  const { type, revision } = definition as { readonly type: string; readonly revision: number };
  const was = lock[type]?.[revision];
  const is = shapeOf(definition);
  if (!was) {
    const message = `${type} revision ${revision} is new: run \`node events/lock.ts\` and add a fixture and a line in CHANGELOG.md.`;
    return [{ type, revision, kind: 'new', message }];
  }
  const places = [...new Set([...Object.keys(was), ...Object.keys(is)])].filter((p) => was[p] !== is[p]);
  if (places.length === 0) return [];
  const message =
    `${type} revision ${revision} has changed at ${places.map((p) => `"${p}"`).join(', ')}, but the log may hold it as it was. ` +
    `Raise it to revision ${revision + 1}, with an upcast from ${revision}, a fixture and a line in CHANGELOG.md, ` +
    'and run `node events/lock.ts`. If it was never released: `node events/lock.ts --unreleased`.';
  return [{ type, revision, kind: 'changed', message }];
}
