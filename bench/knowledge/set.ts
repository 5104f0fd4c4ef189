import { readdirSync, readFileSync } from 'node:fs';
import * as v from 'valibot';
import { parse } from 'yaml';
import type { Article } from '../../shared/knowledge/article.ts';
import { readArticles } from '../../shared/knowledge/ingest/read.ts';

const BOTS_AT = new URL('../../bots/', import.meta.url);
const QUESTIONS = new URL('../../training/data/retrieval/', import.meta.url);

const File = v.strictObject({ questions: v.record(v.string(), v.array(v.string())), none: v.array(v.string()) });

/** A question, and the article that answers it; undefined: none does. */
export interface Asked {
  readonly text: string;
  readonly article: string | undefined;
}

/** The demo bots: each is asked what its own customers ask. */
export const BOTS = ['shop-helpdesk', 'bank-helpdesk'] as const;
export type DemoBot = (typeof BOTS)[number];

export const LANGUAGES = ['zh', 'en'] as const;
export type Language = (typeof LANGUAGES)[number];

/** The articles of a bot in a language. Throws where one has an issue. */
export function articlesIn(language: Language, bot: DemoBot = 'shop-helpdesk'): readonly Article[] {
  const folder = new URL(`${bot}/knowledge/${language}/`, BOTS_AT);
  return readdirSync(folder)
    .toSorted()
    .flatMap((file) => {
      const { articles, issues } = readArticles(file, readFileSync(new URL(file, folder)));
      const [issue] = issues;
      if (issue) throw new Error(`${issue.file}:${issue.line}: ${issue.message}`);
      return articles;
    });
}

/** The project's own questions to a bot in a language. */
export function questionsIn(language: Language, bot: DemoBot = 'shop-helpdesk'): readonly Asked[] {
  const { questions, none } = v.parse(File, parse(readFileSync(new URL(`${bot}/${language}.yml`, QUESTIONS), 'utf8')));
  const answered = Object.entries(questions).flatMap(([article, texts]) => texts.map((text) => ({ text, article })));
  return [...answered, ...none.map((text) => ({ text, article: undefined }))];
}
