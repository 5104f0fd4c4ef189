import type { AnyEventDefinition } from './define.ts';
import { fieldsOf, type Field } from './shape.ts';

/** The places of an event's data that may tell something about a person, each with everything below it. */
export const personalFields = ({ schema }: AnyEventDefinition): readonly string[] =>
  fieldsOf(schema).reduce<readonly string[]>(
    (found, { path, personal }) => (personal && !isWithin(found, path) ? [...found, path] : found),
    [],
  );

/** Places that admit any text, or anything, and that nobody has marked as personal. */
export const unmarkedText = ({ schema }: AnyEventDefinition): readonly string[] => {
  const fields = fieldsOf(schema);
  const marked = fields.filter(({ personal }) => personal).map(({ path }) => path);
  return fields.filter((f) => admitsAnything(f) && !isWithin(marked, f.path)).map(({ path }) => path);
};

const admitsAnything = ({ type, checks }: Field): boolean =>
  type === 'unknown' || (type === 'string' && !checks.some((c) => c.startsWith('regex ')));

const isWithin = (marked: readonly string[], path: string): boolean =>
  marked.some((m) => path === m || (path.startsWith(m) && /^[.[{<]/u.test(path.slice(m.length))));
