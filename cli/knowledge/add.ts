import type { TenantId } from '../../events/envelope.ts';
import type { BaseName } from '../../shared/knowledge/article.ts';
import { issueText } from '../../shared/knowledge/ingest/issue.ts';
import { knowledgeStore } from '../../shared/knowledge/store.ts';
import type { GivenPlaces } from '../config.ts';
import { withLog } from '../connection.ts';
import { progressBar } from '../progress.ts';
import { number, paint, print, printJson } from '../terminal.ts';
import { articlesIn, filesAt } from './files.ts';

export interface AddOptions extends GivenPlaces {
  readonly base: BaseName;
  readonly tenant: TenantId;
  readonly locale?: string;
  readonly json?: boolean;
}

/** Publishes the articles of files and folders. Returns the exit code; 1 where a file has issues, and nothing is done. */
export async function addArticles(paths: readonly string[], options: AddOptions): Promise<number> {
  const { base, tenant, locale, json } = options;
  const { articles, issues } = await articlesIn(await filesAt(paths), { locale });
  if (issues.length > 0) {
    if (json) printJson({ added: false, issues });
    else for (const issue of issues) process.stderr.write(`${paint('red', 'error')} ${issueText(issue)}\n`);
    return 1;
  }
  const kept = await withLog(options, async ({ nc }) => {
    const store = knowledgeStore(nc);
    const bar = progressBar('articles');
    const all: { readonly id: string; readonly locale: string; readonly version: string; readonly kind: string }[] = [];
    try {
      for (const article of articles) {
        const { kind } = await store.publish({ tenant, base }, article);
        all.push({ id: article.id, locale: article.locale, version: article.version, kind });
        bar.show(all.length / articles.length, all.length);
      }
    } finally {
      bar.done();
    }
    return all;
  });
  const published = kept.filter(({ kind }) => kind === 'appended').length;
  const passages = articles.reduce((sum, article) => sum + article.passages.length, 0);
  if (json) {
    printJson({ added: true, base, tenant, published, unchanged: kept.length - published, passages, articles: kept });
    return 0;
  }
  print(
    `${paint('green', '✓')} ${number(published)} articles published in ${paint('bold', base)}, ` +
      `${number(kept.length - published)} unchanged; ${number(passages)} passages`,
  );
  return 0;
}
