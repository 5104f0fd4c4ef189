import * as v from 'valibot';
import { locale } from '../../../events/fields.ts';
import { Answer, answerOf } from '../../../shared/knowledge/answer.ts';
import { ArticleId, BaseName, MAX_ARTICLE, Version } from '../../../shared/knowledge/article.ts';
import { readArticles } from '../../../shared/knowledge/ingest/read.ts';
import { MAX_QUERY } from '../../../shared/knowledge/library.ts';
import { keyOf } from '../../../shared/knowledge/shelf.ts';
import type { BaseRef } from '../../../shared/knowledge/store.ts';
import { HttpProblem, invalid, problem } from '../../../shared/http/problem.ts';
import { answered, bodyOf, checked, numberIn, type Exchange } from '../exchange.ts';
import type { Knowledge } from '../knowledge.ts';
import type { Parameter, Route } from '../route.ts';

const BASE: Parameter = {
  in: 'path',
  name: 'base',
  description: 'The collection of articles: lower-case letters, digits and dashes',
  schema: { type: 'string', pattern: '^[a-z0-9][a-z0-9-]*$', maxLength: 64 },
};
const LOCALE: Parameter = {
  in: 'query',
  name: 'locale',
  description: 'Only articles in this language; absent: in that of the question',
  schema: { type: 'string' },
};

const NewArticle = v.strictObject({
  id: ArticleId,
  locale,
  format: v.picklist(['markdown', 'html']),
  content: v.pipe(v.string(), v.maxLength(MAX_ARTICLE)),
});
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const Published = v.strictObject({
  id: ArticleId,
  locale,
  version: Version,
  passages: count,
  /** Whether it differs from what stood there. */
  changed: v.boolean(),
});
const Listed = v.strictObject({ id: ArticleId, locale, version: Version, title: v.string(), passages: count });
const Listing = v.strictObject({ articles: v.array(Listed), next: v.nullable(v.string()) });

/** An article comes in, or a new version of one. */
export const publishArticleRoute: Route = {
  method: 'POST',
  path: '/v1/knowledge/{base}/articles',
  summary: 'Publishes an article',
  description:
    'Needs an API key. The same content again changes nothing. Answers cite the article by `id` and `version`, the hash of its content.',
  parameters: [BASE],
  request: {
    'application/json': {
      schema: NewArticle,
      example: {
        id: 'opening-hours',
        locale: 'en',
        format: 'markdown',
        content: '# Opening hours\n\nEvery day from 9 to 21.',
      },
    },
  },
  replies: {
    200: { description: 'It stands there as it is already', schema: Published },
    201: { description: 'It is published', schema: Published },
  },
  async handle(x) {
    const { knowledge, ref } = knowledgeOf(x);
    const { id, locale: language, format, content } = await bodyOf(x, NewArticle);
    const file = `${id}.${format === 'markdown' ? 'md' : 'html'}`;
    const { articles, issues } = readArticles(file, Buffer.from(content), { id, locale: language });
    const [article] = articles;
    if (!article) throw invalid('content', contentFault(issues));
    const { kind } = await knowledge.store.publish(ref, article);
    const changed = kind === 'appended';
    const { version, passages } = article;
    return answered({
      status: changed ? 201 : 200,
      body: { id, locale: language, version, passages: passages.length, changed },
    });
  },
};

const contentFault = ([issue]: readonly { readonly line: number; readonly message: string }[]): string =>
  issue ? `line ${issue.line}: ${issue.message}` : 'is not an article';

/** A question to a base. */
export const searchRoute: Route = {
  method: 'GET',
  path: '/v1/knowledge/{base}/search',
  summary: 'Searches a base',
  description:
    'Needs an API key. `answered` is false where no article is likely enough to answer; the nearest ones are told all the same. What was published is found within a second.',
  parameters: [
    BASE,
    {
      in: 'query',
      name: 'q',
      description: 'The question',
      schema: { type: 'string', minLength: 1, maxLength: MAX_QUERY },
    },
    LOCALE,
    {
      in: 'query',
      name: 'limit',
      description: 'At most this many articles',
      schema: { type: 'integer', minimum: 1, maximum: 20, default: 5 },
    },
  ],
  replies: { 200: { description: 'The best passage of each article, the best article first', schema: Answer } },
  async handle(x) {
    const { knowledge, ref } = knowledgeOf(x);
    const query = x.c.req.query('q') ?? '';
    if (query.trim() === '') throw invalid('q', 'is missing');
    if (query.length > MAX_QUERY) throw invalid('q', 'is too long');
    const given = x.c.req.query('locale');
    const language = given === undefined ? undefined : checked(locale, given, 'locale');
    const limit = Math.max(1, numberIn(x, 'limit', 5, 20));
    const found = await knowledge.library.search(ref, query, { locale: language, limit });
    return answered({ status: 200, body: answerOf(found) });
  },
};

/** What a base holds. */
export const listArticlesRoute: Route = {
  method: 'GET',
  path: '/v1/knowledge/{base}/articles',
  summary: 'Lists a base',
  description: 'Needs an API key.',
  parameters: [
    BASE,
    { in: 'query', name: 'after', description: '`next` of the page before', schema: { type: 'string' } },
    {
      in: 'query',
      name: 'limit',
      description: 'At most this many',
      schema: { type: 'integer', minimum: 1, maximum: 1_000, default: 100 },
    },
  ],
  replies: { 200: { description: 'Its articles by language and id', schema: Listing } },
  async handle(x) {
    const { knowledge, ref } = knowledgeOf(x);
    const after = x.c.req.query('after') ?? '';
    const limit = Math.max(1, numberIn(x, 'limit', 100, 1_000));
    const shelf = await knowledge.library.shelf(ref);
    const keys = [...shelf.articles.keys()].filter((key) => key > after).toSorted();
    const articles = keys.slice(0, limit).flatMap((key) => {
      const article = shelf.articles.get(key)?.article;
      if (!article) return [];
      const { id, locale: language, version, title, passages } = article;
      return [{ id, locale: language, version, title, passages: passages.length }];
    });
    const last = articles.at(-1);
    return answered({ status: 200, body: { articles, next: keys.length > limit && last ? keyOf(last) : null } });
  },
};

/** The base that a request is about: always one of the caller's own tenant, and never for one of its users. */
function knowledgeOf({ c, at, caller }: Exchange): { readonly knowledge: Knowledge; readonly ref: BaseRef } {
  if (caller.user !== undefined) {
    throw new HttpProblem(problem(403, 'forbidden', 'Articles need an API key, not the token of a user'));
  }
  const { knowledge } = at.options;
  if (!knowledge) throw new HttpProblem(problem(404, 'not-found', 'This gateway keeps no articles'));
  const parsed = v.safeParse(BaseName, c.req.param('base'));
  if (!parsed.success) throw invalid('base', 'is not a name in lower-case letters, digits and dashes');
  return { knowledge, ref: { tenant: caller.tenant, base: parsed.output } };
}
