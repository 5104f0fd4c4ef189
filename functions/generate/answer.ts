import type { Passage } from '../../events/decision.ts';

/** What a model wrote, without its marks of citation, and what they name. */
export interface Cited {
  readonly text: string;
  /** Each passage once, in the order in which they are cited. */
  readonly cites: readonly { readonly article: string; readonly version: string; readonly title: string }[];
}

const MARK = /\s*[[【](\d{1,3}(?:\s*[,，、]\s*\d{1,3}){0,9})[\]】]/gu;

/** Takes the marks out of a text. Undefined where it cites nothing, or something that it was not given. */
export function citedIn(
  text: string,
  passages: readonly Pick<Passage, 'article' | 'version' | 'title'>[],
): Cited | undefined {
  const numbers = [...text.matchAll(MARK)].flatMap(([, list = '']) => list.split(/[,，、]/u).map(Number));
  const cited = [...new Set(numbers)].map((number) => passages[number - 1]);
  if (cited.length === 0 || !cited.every((it) => it !== undefined)) return undefined;
  const cites = cited.map(({ article, version, title }) => ({ article, version, title }));
  return {
    text: text.replace(MARK, '').trim(),
    cites: cites.filter((it, i) => cites.findIndex((c) => c.article === it.article && c.version === it.version) === i),
  };
}
