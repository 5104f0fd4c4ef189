import { describe, expect, it } from 'vitest';
import { articlesIn, BOTS, LANGUAGES, questionsIn } from './set.ts';

const SIZES = {
  'shop-helpdesk': { articles: 40, answered: 150, none: 30 },
  'bank-helpdesk': { articles: 14, answered: 56, none: 12 },
};
const PARTS = BOTS.flatMap((bot) => LANGUAGES.map((language) => ({ bot, language })));

describe.each(PARTS)('the retrieval set of $bot in $language', ({ bot, language }) => {
  const articles = articlesIn(language, bot);
  const questions = questionsIn(language, bot);
  const size = SIZES[bot];

  it('has questions that each belong to an article, every article some, and questions that belong to none', () => {
    expect(articles).toHaveLength(size.articles);
    const ids = new Set(articles.map(({ id }) => id as string));
    const answered = questions.flatMap(({ article }) => (article === undefined ? [] : [article]));
    expect(answered).toHaveLength(size.answered);
    expect(questions).toHaveLength(size.answered + size.none);
    expect(new Set(answered)).toEqual(ids);
  });

  it('asks nothing twice', () => {
    expect(new Set(questions.map(({ text }) => text.toLowerCase())).size).toBe(questions.length);
  });

  it('asks in other words than the articles', () => {
    const solid = (text: string) => text.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '');
    const all = articles.flatMap((a) => a.passages.map(({ text }) => solid(text)));
    const copied = questions.filter(({ text }) => all.some((part) => part.includes(solid(text))));
    expect(copied).toEqual([]);
  });

  it('has the same articles in both languages', () => {
    expect(articles.map(({ id }) => id)).toEqual(articlesIn(language === 'zh' ? 'en' : 'zh', bot).map(({ id }) => id));
  });
});
