import { hash } from 'node:crypto';
import * as v from 'valibot';
import { locale } from '../../events/fields.ts';

/** The longest article, in UTF-16 code units of its text: its event has to fit into one message of the log. */
export const MAX_ARTICLE = 200_000;
/** The longest passage, in UTF-16 code units. */
export const MAX_PASSAGE = 400;
/** The longest title or heading. */
export const MAX_TITLE = 300;
/** The longest way of asking that stands with an article, and how many there may be. */
const MAX_QUESTION = 500;
const MAX_QUESTIONS = 100;
const MAX_PASSAGES = 2_500;
const MAX_DEPTH = 6;

const token = (what: string) =>
  v.pipe(
    v.string(),
    v.regex(/^[a-z0-9][a-z0-9-]*$/u, `${what} is named in lower-case letters, digits and dashes`),
    v.maxLength(64),
  );

/** A collection of articles that is searched as one, also a subject token. */
export const BaseName = v.pipe(token('a base'), v.brand('BaseName'));
export type BaseName = v.InferOutput<typeof BaseName>;

/** An article within its base, also a subject token. It stays the same when the text changes. */
export const ArticleId = v.pipe(token('an article'), v.brand('ArticleId'));
export type ArticleId = v.InferOutput<typeof ArticleId>;

const line = (max: number) => v.pipe(v.string(), v.minLength(1), v.maxLength(max));

/** A part of an article that can be shown by itself, and the headings that lead to it. */
export const Passage = v.strictObject({
  headings: v.pipe(v.array(line(MAX_TITLE)), v.maxLength(MAX_DEPTH)),
  text: line(MAX_PASSAGE),
});
export type Passage = Readonly<v.InferOutput<typeof Passage>>;

/** The first half of the SHA-256 of an article's content. */
export const Version = v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/u, 'is not a version'));

/** An article of a base as it stands in the log. Two articles with one version have the same content. */
export const Article = v.strictObject({
  id: ArticleId,
  version: Version,
  locale,
  title: line(MAX_TITLE),
  /** Other ways in which customers ask for it: searched, never shown. */
  questions: v.pipe(v.array(line(MAX_QUESTION)), v.maxLength(MAX_QUESTIONS)),
  passages: v.pipe(v.array(Passage), v.minLength(1), v.maxLength(MAX_PASSAGES)),
});
export type Article = Readonly<v.InferOutput<typeof Article>>;

/** An article before it is named by its content. */
export type Unversioned = Omit<Article, 'version'>;

/** Names the article by its content. The name of the file that it came from plays no part. */
export function versioned(article: Unversioned): Article {
  const { locale: language, title, questions, passages } = article;
  const content = [language, title, questions, passages.map(({ headings, text }) => [headings, text])];
  return { ...article, version: hash('sha256', JSON.stringify(content)).slice(0, 32) };
}
