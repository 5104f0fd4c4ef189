import type { TenantId } from '../../events/envelope.ts';
import type { BaseName } from './article.ts';
import {
  articlePublished,
  articleWithdrawn,
  readEvent,
  writeEvent,
  type KnowledgeEvent,
  type Shelving,
} from './events.ts';
import { EMPTY, keyOf, shelve } from './shelf.ts';
import type { BaseRef, KnowledgeStore } from './store.ts';

/** A store in this process alone, for tests and trials. */
export function memoryKnowledge(now: () => Date): KnowledgeStore {
  const events: { readonly ref: BaseRef; readonly event: Shelving }[] = [];
  const of = ({ tenant, base }: BaseRef) =>
    events.filter(({ ref }) => ref.tenant === tenant && ref.base === base).map(({ event }) => event);
  const append = (ref: BaseRef, event: KnowledgeEvent) => {
    const position = events.length + 1;
    const read = readEvent(writeEvent(event));
    if (!read) throw new Error('what was written cannot be read');
    events.push({ ref, event: { ...read, position, time: now().toISOString() } });
    return { kind: 'appended', position } as const;
  };
  const standing = (ref: BaseRef, key: string) => shelve(EMPTY, of(ref)).articles.get(key)?.article;

  return {
    publish(ref, article) {
      const same = standing(ref, keyOf(article))?.version === article.version;
      return Promise.resolve(same ? { kind: 'unchanged' } : append(ref, articlePublished({ article })));
    },
    withdraw(ref, { id, locale }) {
      const version = standing(ref, keyOf({ id, locale }))?.version;
      if (version === undefined) return Promise.resolve({ kind: 'unchanged' });
      return Promise.resolve(append(ref, articleWithdrawn({ id, locale, version })));
    },
    read: (ref, after = 0) => Promise.resolve(of(ref).filter(({ position }) => position > after)),
    bases: (tenant: TenantId) =>
      Promise.resolve(
        [...new Set(events.filter(({ ref }) => ref.tenant === tenant).map(({ ref }): BaseName => ref.base))].toSorted(),
      ),
  };
}
