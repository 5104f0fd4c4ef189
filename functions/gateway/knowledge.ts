import type { NatsConnection } from '@nats-io/nats-core';
import { openLibrary, type Library } from '../../shared/knowledge/library.ts';
import { startEmbedder } from '../../shared/knowledge/start-embedder.ts';
import { knowledgeStore, type KnowledgeStore } from '../../shared/knowledge/store.ts';
import type { Embedder } from '../../shared/knowledge/embedder.ts';

/** The articles of all tenants, as the API writes and searches them. */
export interface Knowledge {
  readonly store: KnowledgeStore;
  readonly library: Library;
}

/** Bases that are opened when somebody first asks for one: a process that nobody asks reads no model. */
export function knowledgeOn(nc: NatsConnection): Knowledge {
  const store = knowledgeStore(nc);
  let opened: Library | undefined;
  const library = () => (opened ??= openLibrary({ store, embedder: shipped() }));
  return {
    store,
    library: {
      search: (...asked) => library().search(...asked),
      shelf: (...asked) => library().shelf(...asked),
    },
  };
}

/** An image may come without the models' folder. Words alone find less, and know it. */
function shipped(): Embedder | undefined {
  try {
    return startEmbedder();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
