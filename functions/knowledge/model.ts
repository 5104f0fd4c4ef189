import type { NatsConnection } from '@nats-io/nats-core';
import type { TenantId } from '../../events/envelope.ts';
import type { Passage } from '../../events/decision.ts';
import { answerOf, type FoundPassage } from '../../shared/knowledge/answer.ts';
import type { Embedder } from '../../shared/knowledge/embedder.ts';
import { openLibrary } from '../../shared/knowledge/library.ts';
import { startEmbedder } from '../../shared/knowledge/start-embedder.ts';
import { knowledgeStore, type KnowledgeStore } from '../../shared/knowledge/store.ts';
import type { Searching } from './handler.ts';

const PASSAGES = 3;
const HASH_SHOWN = 12;
const FIRST_QUESTION = '?';

/** Gets ready for questions before there are any. */
export interface Opening {
  /** Loads the model, and makes the indexes of a tenant's articles. */
  readonly openKnowledge: (tenant: TenantId) => Promise<void>;
}

/** Searches the articles in the log's own store, with the model that is shipped, which is loaded when it is needed. */
export function knowledgePorts(nc: NatsConnection): Searching & Opening {
  let opened: (Searching & Opening) | undefined;
  const open = () => (opened ??= searching(knowledgeStore(nc), startEmbedder()));
  return {
    searchKnowledge: (question) => open().searchKnowledge(question),
    openKnowledge: (tenant) => open().openKnowledge(tenant),
  };
}

/**
 * Searches every base of a tenant and tells the best passages of all of them. Articles in the bot's language are asked
 * first; where none of them answers, those in the language of the question.
 */
export function searching(store: Pick<KnowledgeStore, 'read' | 'bases'>, embedder?: Embedder): Searching & Opening {
  const library = openLibrary({ store, embedder });
  const model = embedder ? `bm25+${embedder.model.slice(0, HASH_SHOWN)}` : 'bm25';
  const ask = async (tenant: TenantId, query: string, locale?: string) => {
    const bases = await store.bases(tenant);
    const found = await Promise.all(
      bases.map((base) => library.search({ tenant, base }, query, { locale, limit: PASSAGES })),
    );
    const answers = found.map(answerOf);
    const passages = answers
      .flatMap((answer) => answer.passages)
      .toSorted((a, b) => b.confidence - a.confidence)
      .slice(0, PASSAGES);
    return { passages, answered: answers.some(({ answered }) => answered) };
  };
  return {
    async searchKnowledge({ tenant, query, locale }) {
      const own = await ask(tenant as TenantId, query, locale);
      const { passages, answered } = own.answered ? own : await ask(tenant as TenantId, query);
      return { passages: passages.map(told), answered, model };
    },
    async openKnowledge(tenant) {
      // Any question will do: what a base needs is made for the first one.
      await ask(tenant, FIRST_QUESTION);
    },
  };
}

const told = ({ article, version, title, text, confidence }: FoundPassage): Passage => ({
  article,
  version,
  title,
  text,
  score: confidence,
});
