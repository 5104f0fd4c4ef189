import type { TenantId } from '../../events/envelope.ts';
import { openEncoder } from '../../shared/encoder/open.ts';
import type { BaseName } from '../../shared/knowledge/article.ts';
import { embedderOf } from '../../shared/knowledge/embedder.ts';
import { openLibrary } from '../../shared/knowledge/library.ts';
import { answerOf } from '../../shared/knowledge/answer.ts';
import { startEmbedder } from '../../shared/knowledge/start-embedder.ts';
import { knowledgeStore } from '../../shared/knowledge/store.ts';
import type { GivenPlaces } from '../config.ts';
import { withLog } from '../connection.ts';
import { harmless, paint, print, printJson } from '../terminal.ts';

export interface SearchOptions extends GivenPlaces {
  readonly base: BaseName;
  readonly tenant: TenantId;
  readonly locale?: string;
  readonly limit: number;
  readonly wordsOnly?: boolean;
  /** Folder of a model in the Hugging Face layout. */
  readonly model?: string;
  readonly json?: boolean;
}

/** Shows what is found for a question. Returns the exit code; 1 where no article is certain enough. */
export async function searchArticles(query: string, options: SearchOptions): Promise<number> {
  const { base, tenant, locale, limit, wordsOnly, model, json } = options;
  const encoder = model === undefined ? undefined : await openEncoder(model);
  const embedder = wordsOnly ? undefined : encoder ? embedderOf(encoder) : startEmbedder();
  const found = await withLog(options, ({ nc }) =>
    openLibrary({ store: knowledgeStore(nc), embedder }).search({ tenant, base }, query, { locale, limit }),
  ).finally(() => encoder?.close());
  const { answered, passages } = answerOf(found);
  if (json) printJson({ answered, passages });
  else {
    print(answered ? paint('green', 'answered') : paint('yellow', 'no article answers this with enough certainty'));
    for (const { title, headings, text, confidence, article, locale: language, version } of passages) {
      print();
      const path = harmless([title, ...headings].join(' › '));
      print(`${paint('bold', path)}  ${(confidence * 100).toFixed(0)} %`);
      print(harmless(text));
      print(paint('dim', `${article} (${language}), version ${version.slice(0, 8)}`));
    }
  }
  return answered ? 0 : 1;
}
