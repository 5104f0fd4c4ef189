import { setImmediate as breathe } from 'node:timers/promises';
import { LRUCache } from 'lru-cache';
import { languageOf } from '../nlu/text/language.ts';
import type { Embedder } from './embedder.ts';
import { lexicon, type Lexicon } from './inverted.ts';
import { prepare, questionOf, searcher, type Hit, type Prepared, type Searcher } from './searcher.ts';
import { EMPTY, shelve, type Shelf } from './shelf.ts';
import type { BaseRef, KnowledgeStore } from './store.ts';
import { WITH_START, WORDS_ONLY, type Tuning } from './tuning.ts';

/** The longest question that is read, in UTF-16 units. */
export const MAX_QUERY = 1_000;
const BASES = 64;

export interface LibraryOptions {
  readonly store: Pick<KnowledgeStore, 'read'>;
  /** Absent: words only. */
  readonly embedder?: Embedder | undefined;
  /** How the scores become one; those of another model than the shipped one have to be measured. */
  readonly tuning?: Tuning;
  /** How old what is known of a base may be, milliseconds. */
  readonly freshMs?: number;
  /** Milliseconds of any steady clock. */
  readonly now?: () => number;
}

export interface SearchOptions {
  /** Only articles in this language; absent: in that of the question, or in any if there are none in it. */
  readonly locale?: string | undefined;
  /** How many articles; default 5. */
  readonly limit?: number;
}

/** What was found for a question. */
export interface Found {
  /** The best first. */
  readonly hits: readonly Hit[];
  /** Whether the first hit is likely enough to be an answer. */
  readonly answered: boolean;
  /** The position in the stream up to which the base is known. */
  readonly position: number;
}

/** Bases that are searched: an index of each is made from its events when it is asked for, and kept up to date. */
export interface Library {
  search(ref: BaseRef, query: string, options?: SearchOptions): Promise<Found>;
  /** What a base holds. */
  shelf(ref: BaseRef): Promise<Shelf>;
}

interface OpenBase {
  readonly shelf: Shelf;
  readonly indexes: ReadonlyMap<string, Index>;
  readonly readAt: number;
}

const NOTHING: OpenBase = { shelf: EMPTY, indexes: new Map(), readAt: -Infinity };

interface Index {
  readonly words: Lexicon;
  readonly prepared: readonly Prepared[];
  readonly searcher: Searcher;
}

/** Opens the bases of a store. */
export function openLibrary(options: LibraryOptions): Library {
  const { store, embedder, freshMs = 1_000, now = () => performance.now() } = options;
  const tuning = options.tuning ?? (embedder ? WITH_START : WORDS_ONLY);
  const bases = new LRUCache<string, OpenBase>({ max: BASES });
  const refreshing = new Map<string, Promise<OpenBase>>();

  const refreshed = async (ref: BaseRef, before: OpenBase): Promise<OpenBase> => {
    const readAt = now();
    const shelf = shelve(before.shelf, await store.read(ref, before.shelf.position));
    if (shelf === before.shelf) return { ...before, readAt };
    return { shelf, readAt, indexes: await indexesOf(shelf, before.indexes, tuning, embedder) };
  };
  /** One refresh at a time: those that ask meanwhile wait for it, and fail with it. What was there before is kept. */
  const open = (ref: BaseRef): Promise<OpenBase> => {
    const key = `${ref.tenant}/${ref.base}`;
    const before = bases.get(key) ?? NOTHING;
    if (now() - before.readAt < freshMs) return Promise.resolve(before);
    const running = refreshing.get(key);
    if (running) return running;
    const started = refreshed(ref, before)
      .then((next) => {
        bases.set(key, next);
        return next;
      })
      .finally(() => refreshing.delete(key));
    refreshing.set(key, started);
    return started;
  };

  return {
    async search(ref, query, { locale, limit = 5 } = {}) {
      const { indexes, shelf } = await open(ref);
      const text = query.slice(0, MAX_QUERY);
      const question = await questionOf(text, embedder);
      const language = locale === undefined ? guessed(text) : languageIn(locale);
      const own = indexes.get(language);
      const asked = own ? [own] : locale === undefined ? [...indexes.values()] : [];
      const hits = asked
        .flatMap((index) => index.searcher.search(question, limit))
        .toSorted((a, b) => b.confidence - a.confidence)
        .slice(0, limit);
      const answered = (hits[0]?.confidence ?? 0) >= tuning.threshold;
      return { hits: own ? hits.toSorted((a, b) => b.score - a.score) : hits, answered, position: shelf.position };
    },
    shelf: async (ref) => (await open(ref)).shelf,
  };
}

const languageIn = (locale: string): string => locale.toLowerCase().split('-', 1)[0] ?? '';

function guessed(query: string): string {
  const language = languageOf(query);
  return language === 'mixed' ? 'zh' : language;
}

/** An index for each language, with what is prepared already taken from the one before. */
async function indexesOf(
  shelf: Shelf,
  before: ReadonlyMap<string, Index>,
  tuning: Tuning,
  embedder: Embedder | undefined,
): Promise<ReadonlyMap<string, Index>> {
  const byLanguage = Map.groupBy(
    [...shelf.articles].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, { article }]) => article),
    ({ locale }) => languageIn(locale),
  );
  const indexes = new Map<string, Index>();
  for (const [language, articles] of byLanguage) {
    const old = before.get(language);
    const words = old?.words ?? lexicon();
    const known = new Map(old?.prepared.map((one) => [one.article, one]));
    const prepared: Prepared[] = [];
    for (const article of articles) {
      const ready = known.get(article);
      prepared.push(ready ?? (await prepare(article, words, embedder)));
      // Others get their turn.
      if (!ready) await breathe();
    }
    if (old && prepared.length === old.prepared.length && prepared.every((one, i) => one === old.prepared[i])) {
      indexes.set(language, old);
      continue;
    }
    indexes.set(language, {
      words,
      prepared,
      searcher: searcher(prepared, words, tuning, embedder?.dimension),
    });
  }
  return indexes;
}
