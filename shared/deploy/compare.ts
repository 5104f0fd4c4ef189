import type { Files } from './render.ts';

/** A generated file that is not as it should be. */
export interface Stale {
  readonly path: string;
  readonly why: 'missing' | 'changed' | 'left over';
}

/** What differs between what is there and what should be. */
export function compare(wanted: Files, there: Files): readonly Stale[] {
  const missing = [...wanted].flatMap(([path, text]): readonly Stale[] => {
    const found = there.get(path);
    if (found === undefined) return [{ path, why: 'missing' }];
    return found === text ? [] : [{ path, why: 'changed' }];
  });
  const leftOver = [...there.keys()].filter((path) => !wanted.has(path));
  return [...missing, ...leftOver.map((path): Stale => ({ path, why: 'left over' }))];
}

/** Says what is stale, and how to mend it. */
export const advice = (stale: readonly Stale[]): string =>
  [...stale.map(({ path, why }) => `${path} is stale (${why})`), 'Run `npm run manifests` and commit what it writes.']
    .map((line) => `${line}\n`)
    .join('');
