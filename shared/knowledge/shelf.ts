import type { Article } from './article.ts';
import type { Shelving } from './events.ts';

/** An article that is there, and since when it is there as it is. */
export interface Shelved {
  readonly article: Article;
  readonly position: number;
  readonly time: string;
}

/** The articles of a base at a position of the stream, by language and id. */
export interface Shelf {
  /** The last event that is in it; 0: none. */
  readonly position: number;
  readonly articles: ReadonlyMap<string, Shelved>;
}

/** Before everything. */
export const EMPTY: Shelf = { position: 0, articles: new Map() };

/** What names an article within its base: its variants in several languages share the id. */
export const keyOf = ({ id, locale }: Pick<Article, 'id' | 'locale'>): string => `${locale}/${id}`;

/** What a base holds after these events. One that is known already changes nothing. */
export function shelve(shelf: Shelf, events: readonly Shelving[]): Shelf {
  const fresh = events.filter(({ position }) => position > shelf.position);
  if (fresh.length === 0) return shelf;
  const articles = new Map(shelf.articles);
  for (const event of fresh) {
    switch (event.type) {
      case 'article.published': {
        const { article } = event.data;
        articles.set(keyOf(article), { article, position: event.position, time: event.time });
        break;
      }
      case 'article.withdrawn':
        articles.delete(keyOf(event.data));
        break;
      default:
        event satisfies never;
    }
  }
  return { position: Math.max(...fresh.map(({ position }) => position)), articles };
}
