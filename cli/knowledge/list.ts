import type { TenantId } from '../../events/envelope.ts';
import type { BaseName } from '../../shared/knowledge/article.ts';
import { EMPTY, shelve } from '../../shared/knowledge/shelf.ts';
import { knowledgeStore } from '../../shared/knowledge/store.ts';
import type { GivenPlaces } from '../config.ts';
import { withLog } from '../connection.ts';
import { columns, harmless, paint, print, printJson } from '../terminal.ts';

export interface ListOptions extends GivenPlaces {
  readonly base?: BaseName;
  readonly tenant: TenantId;
  readonly json?: boolean;
}

/** Prints the bases of a tenant, or what one of them holds. */
export async function listArticles({ base, tenant, json, ...places }: ListOptions): Promise<void> {
  await withLog(places, async ({ nc }) => {
    const store = knowledgeStore(nc);
    if (base === undefined) {
      const bases = await store.bases(tenant);
      if (json) printJson({ tenant, bases });
      else if (bases.length === 0) print(`No articles of tenant ${tenant}.`);
      else for (const name of bases) print(name);
      return;
    }
    const shelf = shelve(EMPTY, await store.read({ tenant, base }));
    const articles = [...shelf.articles.values()].map(({ article, time }) => ({
      id: article.id,
      locale: article.locale,
      version: article.version,
      title: article.title,
      passages: article.passages.length,
      published: time,
    }));
    if (json) {
      printJson({ tenant, base, articles });
      return;
    }
    if (articles.length === 0) {
      print(`No articles in ${base} of tenant ${tenant}.`);
      return;
    }
    const [head = '', ...lines] = columns([
      ['ARTICLE', 'LANGUAGE', 'VERSION', 'PASSAGES', 'TITLE'],
      ...articles.map((a) => [a.id, a.locale, a.version.slice(0, 8), String(a.passages), harmless(a.title)]),
    ]);
    print(paint('bold', head));
    for (const line of lines) print(line);
  });
}
