import { open, readdir, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import type { Article } from '../../shared/knowledge/article.ts';
import type { ArticleIssue } from '../../shared/knowledge/ingest/issue.ts';
import { ENDINGS, MAX_FILE_BYTES, readArticles, type ReadOptions } from '../../shared/knowledge/ingest/read.ts';
import { keyOf } from '../../shared/knowledge/shelf.ts';
import { UsageError } from '../fault.ts';

/** The files of articles at these paths: files as they are named, and of folders those with a known ending. */
export async function filesAt(paths: readonly string[]): Promise<readonly string[]> {
  const found: string[] = [];
  for (const path of paths) {
    const info = await stat(path).catch(() => undefined);
    if (!info) throw new UsageError(`there is no ${path}`);
    if (!info.isDirectory()) {
      found.push(path);
      continue;
    }
    const inside = await readdir(path, { recursive: true });
    const own = inside.filter((name) => ENDINGS.includes(extname(name).toLowerCase())).toSorted();
    if (own.length === 0) throw new UsageError(`there are no articles in ${path}: they end in ${ENDINGS.join(', ')}`);
    found.push(...own.map((name) => join(path, name)));
  }
  return found;
}

/** What these files hold. An article that stands in two of them is an issue of the second. */
export async function articlesIn(
  files: readonly string[],
  options: ReadOptions,
): Promise<{ readonly articles: readonly Article[]; readonly issues: readonly ArticleIssue[] }> {
  const articles: Article[] = [];
  const issues: ArticleIssue[] = [];
  const first = new Map<string, string>();
  for (const file of files) {
    const read = readArticles(file, await beginningOf(file), options);
    issues.push(...read.issues);
    for (const article of read.articles) {
      const before = first.get(keyOf(article));
      if (before === undefined) articles.push(article);
      else
        issues.push({ file, line: 1, message: `the article ${article.id} (${article.locale}) is in ${before}, too` });
      first.set(keyOf(article), file);
    }
  }
  return { articles, issues };
}

/** One byte more than is allowed tells that a file is too large, whatever its size. */
async function beginningOf(file: string): Promise<Uint8Array> {
  const handle = await open(file);
  try {
    const bytes = Buffer.alloc(MAX_FILE_BYTES + 1);
    let length = 0;
    for (let read = 1; read > 0 && length < bytes.length; length += read) {
      read = (await handle.read(bytes, length)).bytesRead;
    }
    return bytes.subarray(0, length);
  } finally {
    await handle.close();
  }
}
