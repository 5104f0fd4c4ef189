import { readdirSync, readFileSync } from 'node:fs';
import * as v from 'valibot';
import { parse } from 'yaml';
import type { Article } from '../../shared/knowledge/article.ts';
import { readArticles } from '../../shared/knowledge/ingest/read.ts';

const ARTICLES = new URL('../../bots/shop-helpdesk/knowledge/', import.meta.url);
const QUESTIONS = new URL('../../training/data/retrieval/', import.meta.url);

const File = v.strictObject({ questions: v.record(v.string(), v.array(v.string())), none: v.array(v.string()) });

/** A question, and the article that answers it; undefined: none does. */
export interface Asked {
  readonly text: string;
  readonly article: string | undefined;
}

export const LANGUAGES = ['zh', 'en'] as const;
export type Language = (typeof LANGUAGES)[number];

/** The articles of the shop helpdesk in a language. Throws where one has an issue. */
export function articlesIn(language: Language): readonly Article[] {
  const folder = new URL(`${language}/`, ARTICLES);
  return readdirSync(folder)
    .toSorted()
    .flatMap((file) => {
      const { articles, issues } = readArticles(file, readFileSync(new URL(file, folder)));
      const [issue] = issues;
      if (issue) throw new Error(`${issue.file}:${issue.line}: ${issue.message}`);
      return articles;
    });
}

/** The project's own questions in a language. */
export function questionsIn(language: Language): readonly Asked[] {
  const { questions, none } = v.parse(File, parse(readFileSync(new URL(`${language}.yml`, QUESTIONS), 'utf8')));
  const answered = Object.entries(questions).flatMap(([article, texts]) => texts.map((text) => ({ text, article })));
  return [...answered, ...none.map((text) => ({ text, article: undefined }))];
}
