import { isUtf8 } from 'node:buffer';
import { hash } from 'node:crypto';
import { basename, extname } from 'node:path';
import * as v from 'valibot';
import { Article, MAX_ARTICLE, versioned } from '../article.ts';
import { languageOf } from '../../nlu/text/language.ts';
import { passagesOf } from '../split.ts';
import { readCsv } from './csv.ts';
import { DraftFault, type Draft } from './draft.ts';
import { readHtml } from './html.ts';
import type { ArticleIssue } from './issue.ts';
import { readMarkdown } from './markdown.ts';

/** The largest file. One that is larger is a mistake, or many articles that belong into files of their own. */
export const MAX_FILE_BYTES = 2 * 1024 * 1024;

/** What a file holds: its articles, or everything that is wrong with it. */
export interface ReadFile {
  readonly articles: readonly Article[];
  readonly issues: readonly ArticleIssue[];
}

export interface ReadOptions {
  /** The language of articles that do not say; absent: by their letters, Chinese or English. */
  readonly locale?: string | undefined;
  /** The id of the article, whatever the file says. */
  readonly id?: string;
}

const one =
  (read: (text: string) => Draft) =>
  (text: string): readonly Draft[] => {
    if (text.length > MAX_ARTICLE) {
      const line = text.slice(0, MAX_ARTICLE).split('\n').length;
      throw new DraftFault(line, `the article is longer than ${MAX_ARTICLE} characters: make several of it`);
    }
    return [read(text)];
  };

const READERS: Readonly<Record<string, (text: string) => readonly Draft[]>> = {
  '.md': one(readMarkdown),
  '.markdown': one(readMarkdown),
  '.html': one(readHtml),
  '.htm': one(readHtml),
  '.csv': readCsv,
};

/** The endings of files that can hold articles. */
export const ENDINGS = Object.keys(READERS);

/** Reads the articles of a file: Markdown or HTML is one article, CSV has one in each row. Never throws. */
export function readArticles(file: string, bytes: Uint8Array, options: ReadOptions = {}): ReadFile {
  const issue = (line: number, message: string): ReadFile => ({ articles: [], issues: [{ file, line, message }] });
  const read = READERS[extname(file).toLowerCase()];
  if (!read) return issue(1, `articles are in files that end in ${ENDINGS.join(', ')}`);
  if (bytes.length > MAX_FILE_BYTES) return issue(1, `the file is larger than ${MAX_FILE_BYTES / 1024 / 1024} MB`);
  if (!isUtf8(bytes)) return issue(firstBadLine(bytes), 'the text is not UTF-8');
  const text = Buffer.from(bytes)
    .toString('utf8')
    .replace(/^\ufeff/u, '');
  try {
    return articlesOf(file, read(text), options);
  } catch (error) {
    if (error instanceof DraftFault) return issue(error.line, error.message);
    // The parsers' own limits: nesting that runs out of stack.
    if (error instanceof RangeError) return issue(1, 'the text is nested too deeply');
    throw error;
  }
}

function articlesOf(file: string, drafts: readonly Draft[], options: ReadOptions): ReadFile {
  const articles: Article[] = [];
  const issues: ArticleIssue[] = [];
  const seen = new Map<string, number>();
  for (const draft of drafts) {
    const { line } = draft;
    const article = finished(file, draft, options);
    if (typeof article === 'string') issues.push({ file, line, message: article });
    else {
      const before = seen.get(`${article.locale}/${article.id}`);
      if (before === undefined) articles.push(article);
      else issues.push({ file, line, message: `the article ${article.id} stands in line ${before} already` });
      seen.set(`${article.locale}/${article.id}`, line);
    }
  }
  if (drafts.length === 0) issues.push({ file, line: 1, message: 'there is no article in it' });
  return { articles: issues.length > 0 ? [] : articles, issues };
}

/** The article, or what is wrong with it. */
function finished(file: string, draft: Draft, { id, locale }: ReadOptions): Article | string {
  const passages = passagesOf(draft.blocks);
  if (passages.length === 0) return 'the article has no text';
  const title = (draft.title ?? '').trim() || basename(file, extname(file));
  const length = passages.reduce((sum, { text }) => sum + text.length, 0);
  if (length > MAX_ARTICLE) return `the article is longer than ${MAX_ARTICLE} characters`;
  const article = versioned({
    id: (id ?? draft.id ?? slugOf(file)) as Article['id'],
    locale: draft.locale ?? locale ?? guessed(passages.map(({ text }) => text).join(' ')),
    title,
    questions: [...draft.questions],
    passages: [...passages],
  });
  const parsed = v.safeParse(Article, article);
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  return `${v.getDotPath(issue) ?? 'the article'}: ${issue.type === 'max_length' ? 'is too long' : issue.message}`;
}

const guessed = (text: string): string => (languageOf(text) === 'en' ? 'en' : 'zh');

/** A name that can stand in a subject, from that of the file; what cannot be written so is named by a hash. */
function slugOf(file: string): string {
  const name = basename(file, extname(file)).normalize('NFKC').toLowerCase();
  const slug = name.replaceAll(/[^a-z0-9]+/gu, '-').replaceAll(/^-+|-+$/gu, '');
  const faithful = /^[\w .-]+$/u.test(name) && slug !== '' && slug.length <= 64;
  return faithful ? slug : `article-${hash('sha256', name).slice(0, 12)}`;
}

function firstBadLine(bytes: Uint8Array): number {
  let from = 0;
  for (let line = 1; ; line++) {
    const end = bytes.indexOf(0x0a, from);
    if (!isUtf8(bytes.subarray(from, end < 0 ? bytes.length : end)) || end < 0) return line;
    from = end + 1;
  }
}
