import * as v from 'valibot';
import { defineEvent, type DraftOf, readData } from '../../events/define.ts';
import { locale } from '../../events/fields.ts';
import { Article, ArticleId, Version } from './article.ts';

// Events of bases, not of sessions: they stand in a stream of their own and belong to no turn.

/** An article is there, or has another content than before. It holds nothing about persons, and is stored as it is. */
export const articlePublished = defineEvent({
  type: 'article.published',
  revision: 1,
  schema: v.strictObject({ article: Article }),
});

/** An article is not there any more. `version`: the one that was withdrawn. */
export const articleWithdrawn = defineEvent({
  type: 'article.withdrawn',
  revision: 1,
  schema: v.strictObject({ id: ArticleId, locale, version: Version }),
});

export type KnowledgeEvent = DraftOf<typeof articlePublished> | DraftOf<typeof articleWithdrawn>;

/** An event of a base with its place in the stream. */
export type Shelving = KnowledgeEvent & {
  readonly position: number;
  /** When it was stored, ISO 8601. */
  readonly time: string;
};

const Stored = v.strictObject({
  type: v.picklist([articlePublished.type, articleWithdrawn.type]),
  revision: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
  data: v.unknown(),
});

/** An event as it goes into the stream. */
export const writeEvent = (event: KnowledgeEvent): string => JSON.stringify(event);

/** An event as it comes out of the stream; undefined where this build cannot read it. */
export function readEvent(text: string): KnowledgeEvent | undefined {
  const parsed = v.safeParse(Stored, parsedJson(text));
  if (!parsed.success) return undefined;
  const { type, revision, data } = parsed.output;
  switch (type) {
    case 'article.published': {
      const read = readData(articlePublished, revision, data);
      return read.ok ? articlePublished(read.data) : undefined;
    }
    case 'article.withdrawn': {
      const read = readData(articleWithdrawn, revision, data);
      return read.ok ? articleWithdrawn(read.data) : undefined;
    }
  }
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
