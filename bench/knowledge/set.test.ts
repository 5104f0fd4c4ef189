import { describe, expect, it } from 'vitest';
import { articlesIn, LANGUAGES, questionsIn } from './set.ts';

describe.each(LANGUAGES)('the retrieval set in %s', (language) => {
  const articles = articlesIn(language);
  const questions = questionsIn(language);

  it('has 40 articles, and 150 questions that each belong to one of them, and 30 that belong to none', () => {
    expect(articles).toHaveLength(40);
    const ids = new Set(articles.map(({ id }) => id as string));
    const answered = questions.flatMap(({ article }) => (article === undefined ? [] : [article]));
    expect(answered).toHaveLength(150);
    expect(questions).toHaveLength(180);
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
    expect(articles.map(({ id }) => id)).toEqual(articlesIn(language === 'zh' ? 'en' : 'zh').map(({ id }) => id));
  });
});
