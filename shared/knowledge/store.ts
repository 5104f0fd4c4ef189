import type { NatsConnection } from '@nats-io/nats-core';
import type { TenantId } from '../../events/envelope.ts';
import { PlatformError } from '../errors/index.ts';
import { register } from '../log/register.ts';
import { requests } from '../log/requests.ts';
import { KNOWLEDGE } from '../log/streams.ts';
import type { Article, BaseName } from './article.ts';
import { articlePublished, articleWithdrawn, readEvent, writeEvent, type Shelving } from './events.ts';

const BATCH = 256;
const ATTEMPTS = 10;

/** A base of a tenant. */
export interface BaseRef {
  readonly tenant: TenantId;
  readonly base: BaseName;
}

/** What names an article within a base. */
export type ArticleRef = Pick<Article, 'id' | 'locale'>;

/** What an append came to: where it stands, or that there was nothing to do. */
export type Kept = { readonly kind: 'appended'; readonly position: number } | { readonly kind: 'unchanged' };

/** The events of bases. Every method fails with `log.unavailable` (later) without a store. */
export interface KnowledgeStore {
  /** Stores an article, unless it stands there in this version. */
  publish(ref: BaseRef, article: Article): Promise<Kept>;
  /** Takes an article away, unless it is not there. What was published stays in the stream. */
  withdraw(ref: BaseRef, article: ArticleRef): Promise<Kept>;
  /** The events of a base after a position, in order; one that only a newer build can read fails with `knowledge.newer`. */
  read(ref: BaseRef, after?: number): Promise<readonly Shelving[]>;
  /** The bases of a tenant. */
  bases(tenant: TenantId): Promise<readonly BaseName[]>;
}

/** The stream `KNOWLEDGE`: a subject for each article, on which its versions and withdrawals stand one after another. */
export function knowledgeStore(nc: NatsConnection): KnowledgeStore {
  const stream = register(nc, KNOWLEDGE);
  const send = requests(nc);

  /** Appends on top of what stands on the subject; another writer in between is noticed, and looked at. */
  const append = async (
    ref: BaseRef,
    article: ArticleRef,
    next: (standing: Article | undefined) => string | undefined,
  ): Promise<Kept> => {
    const subject = subjectOf(ref, article);
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const entry = await stream.read(subject);
      const event = entry && readEvent(Buffer.from(entry.data).toString());
      const body = next(event?.type === 'article.published' ? event.data.article : undefined);
      if (body === undefined) return { kind: 'unchanged' };
      const position = await stream.write(subject, body, entry?.position ?? 0);
      if (position !== undefined) return { kind: 'appended', position };
    }
    throw new PlatformError('log.contended', 'could not store an article', { retry: 'later', retryAfterMs: 100 });
  };

  return {
    publish: (ref, article) =>
      append(ref, article, (standing) =>
        standing?.version === article.version ? undefined : writeEvent(articlePublished({ article })),
      ),
    withdraw: (ref, { id, locale }) =>
      append(ref, { id, locale }, (standing) =>
        standing ? writeEvent(articleWithdrawn({ id, locale, version: standing.version })) : undefined,
      ),
    async read({ tenant, base }, after = 0) {
      const all: Shelving[] = [];
      for (let from = after; ; from = all.at(-1)?.position ?? from) {
        const query = { seq: from + 1, next_by_subj: `article.${tenant}.${base}.>`, batch: BATCH };
        const found = await send.many(`$JS.API.DIRECT.GET.${KNOWLEDGE}`, Buffer.from(JSON.stringify(query)));
        for (const { data, headers } of found) {
          const event = readEvent(Buffer.from(data).toString());
          if (!event) throw newer();
          const position = Number(headers?.get('Nats-Sequence'));
          all.push({ ...event, position, time: headers?.get('Nats-Time-Stamp') ?? '' });
        }
        if (found.length < BATCH) return all;
      }
    },
    async bases(tenant) {
      const subjects = await stream.subjects(`article.${tenant}.>`);
      return [...new Set(subjects.map((subject) => subject.split('.')[2] as BaseName))].toSorted();
    },
  };
}

const subjectOf = ({ tenant, base }: BaseRef, { id, locale }: ArticleRef): string =>
  `article.${tenant}.${base}.${locale.toLowerCase()}.${id}`;

const newer = () =>
  new PlatformError('knowledge.newer', 'a base has an event that this build cannot read', { retry: 'later' });
