import * as v from 'valibot';
import { locale, score } from '../../events/fields.ts';
import { ArticleId, Passage, Version } from './article.ts';
import type { Found } from './library.ts';

/** A passage that was found, with what it is cited by. */
export const FoundPassage = v.strictObject({
  article: ArticleId,
  version: Version,
  locale,
  title: v.string(),
  ...Passage.entries,
  /** The probability that it answers. */
  confidence: score,
});
export type FoundPassage = Readonly<v.InferOutput<typeof FoundPassage>>;

/** What was found, as it is shown. `answered`: the first passage is likely enough; otherwise nobody should say it. */
export const Answer = v.strictObject({ answered: v.boolean(), passages: v.array(FoundPassage) });
export type Answer = Readonly<v.InferOutput<typeof Answer>>;

/** The best passage of each article that was found, the best article first. */
export function answerOf({ hits, answered }: Found): Answer {
  const passages = hits.flatMap(({ article, passage, confidence }): FoundPassage[] => {
    const shown = article.passages[passage];
    if (!shown) return [];
    const { id, version, locale: language, title } = article;
    return [{ article: id, version, locale: language, title, ...shown, confidence }];
  });
  return { answered, passages };
}
