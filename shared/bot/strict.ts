import * as v from 'valibot';
import type { BotIssue } from './error.ts';
import { nearest } from './nearest.ts';
import type { Path, Source } from './source.ts';

/** The shape of something in a bot's files, with the type of its content. */
export type Shape<T> = v.GenericSchema<unknown, T>;

/** An object that names every key it does not know, and the key that was probably meant; valibot stops at the first. */
export function strict<const Entries extends v.ObjectEntries>(
  entries: Entries,
): Shape<v.InferOutput<v.ObjectSchema<Entries, undefined>>> {
  return v.pipe(
    v.looseObject(entries),
    v.rawCheck(({ dataset, addIssue }) => {
      if (typeof dataset.value !== 'object' || dataset.value === null) return;
      const input: Record<string, unknown> = { ...dataset.value };
      for (const key of Object.keys(input).filter((it) => !Object.hasOwn(entries, it))) {
        const meant = nearest(key, Object.keys(entries));
        addIssue({
          message: `unknown key ${key}`,
          ...(meant === undefined ? {} : { expected: meant }),
          path: [{ type: 'object', origin: 'key', input, key, value: input[key] }],
        });
      }
    }),
  );
}

/** A file of the right shape: its content, and where everything in it stands. */
export interface Parsed<T> {
  readonly source: Source;
  readonly content: T;
}

/** Checks a file against its schema. Where only values are wrong, the content is given too, so that checking goes on. */
export function readShape<T>(
  source: Source,
  shape: Shape<T>,
): { readonly parsed?: Parsed<T>; readonly issues: readonly BotIssue[] } {
  const result = v.safeParse(shape, source.value);
  const issues = (result.issues ?? []).map((issue) => located(source, issue));
  return result.typed ? { parsed: { source, content: result.output }, issues } : { issues };
}

function located(source: Source, issue: v.BaseIssue<unknown>): BotIssue {
  const path: Path = issue.path?.map(({ key }) => key as string | number) ?? [];
  const last = issue.path?.at(-1);
  if (last?.origin !== 'key') return source.issue(path, issue.message);
  if (issue.received === 'undefined') return source.issue(path.slice(0, -1), `${String(last.key)} is missing`);
  const hint = issue.type === 'raw_check' && issue.expected !== null ? { hint: `did you mean ${issue.expected}?` } : {};
  return source.issue(path, issue.message, { ...hint, part: 'key' });
}
