import type { TenantId } from '../../events/envelope.ts';
import type { BaseName } from '../../shared/knowledge/article.ts';
import { EMPTY, shelve } from '../../shared/knowledge/shelf.ts';
import { knowledgeStore } from '../../shared/knowledge/store.ts';
import type { GivenPlaces } from '../config.ts';
import { withLog } from '../connection.ts';
import { paint, print, printJson } from '../terminal.ts';

export interface RemoveOptions extends GivenPlaces {
  readonly base: BaseName;
  readonly tenant: TenantId;
  readonly locale?: string;
  readonly json?: boolean;
}

/** Withdraws articles by their ids, in one language or in all. Returns the exit code; 1 where one was not there. */
export async function removeArticles(ids: readonly string[], options: RemoveOptions): Promise<number> {
  const { base, tenant, locale, json } = options;
  const { removed, missing } = await withLog(options, async ({ nc }) => {
    const store = knowledgeStore(nc);
    const ref = { tenant, base };
    const { articles } = shelve(EMPTY, await store.read(ref));
    const meant = [...articles.values()]
      .map(({ article }) => article)
      .filter((article) => ids.includes(article.id) && (locale === undefined || article.locale === locale));
    for (const article of meant) await store.withdraw(ref, article);
    return {
      removed: meant.map((article) => ({ id: article.id, locale: article.locale, version: article.version })),
      missing: ids.filter((id) => !meant.some((article) => article.id === id)),
    };
  });
  if (json) printJson({ removed, missing });
  else {
    for (const { id, locale: language } of removed) print(`${paint('green', '✓')} ${id} (${language}) withdrawn`);
    for (const id of missing) process.stderr.write(`${paint('red', 'error')} there is no article ${id} in ${base}\n`);
  }
  return missing.length > 0 ? 1 : 0;
}
