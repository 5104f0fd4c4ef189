import { describe, expect, it } from 'vitest';
import * as v from 'valibot';
import { passagesFound } from '../../events/outside.ts';
import type { TenantId } from '../../events/envelope.ts';
import { articlesIn } from '../../bench/knowledge/set.ts';
import type { BaseName } from '../../shared/knowledge/article.ts';
import { memoryKnowledge } from '../../shared/knowledge/memory.ts';
import { startEmbedder } from '../../shared/knowledge/start-embedder.ts';
import { knowledge } from './handler.ts';
import { searching } from './model.ts';

const tenant = 'acme' as TenantId;

const shop = once();

async function once() {
  const store = memoryKnowledge(() => new Date(0));
  for (const language of ['zh', 'en'] as const) {
    for (const article of articlesIn(language)) await store.publish({ tenant, base: 'shop' as BaseName }, article);
  }
  return searching(store, startEmbedder());
}

const decided = (act: object, locale: string) => ({ type: 'policy.decided', tenant, data: { act, locale } }) as never;
const context = (ports: object) => ({ now: new Date(0), ports, signal: new AbortController().signal }) as never;

describe('the knowledge function', () => {
  it.each([
    ['zh', '发票抬头填错了，能换开吗', 'invoice'],
    ['en', 'which cards do you accept for payment', 'payment-methods'],
  ])('answers in %s from an article, which it cites', async (locale, query, article) => {
    const ports = await shop;
    const [event] = await knowledge.handle(decided({ kind: 'search', query }, locale), context(ports));
    expect(event?.type).toBe('passages.found');
    expect(v.is(passagesFound.schema, event?.data)).toBe(true);
    expect(event?.data).toMatchObject({
      answered: true,
      passages: [{ article, version: expect.stringMatching(/^[0-9a-f]{32}$/u) as string }, {}, {}],
    });
  });

  it('says that nothing answers what no article is about', async () => {
    const ports = await shop;
    const [event] = await knowledge.handle(
      decided({ kind: 'search', query: 'who won the football match' }, 'en'),
      context(ports),
    );
    expect(event?.data.answered).toBe(false);
  });

  it('is ready for the first question of a tenant whose articles were opened', async () => {
    const store = memoryKnowledge(() => new Date(0));
    for (const article of articlesIn('en')) await store.publish({ tenant, base: 'shop' as BaseName }, article);
    let reads = 0;
    const counting = { ...store, read: (...given: Parameters<typeof store.read>) => (reads++, store.read(...given)) };
    const ports = searching(counting);
    await ports.openKnowledge(tenant);
    expect(reads).toBe(1);
    const { passages } = await ports.searchKnowledge({ tenant, query: 'which cards do you accept', locale: 'en' });
    expect(passages).not.toHaveLength(0);
    expect(reads).toBe(1);
  });

  it('knows nothing for a tenant without articles', async () => {
    const ports = searching(memoryKnowledge(() => new Date(0)));
    const found = await ports.searchKnowledge({ tenant, query: 'refund', locale: 'en' });
    expect(found).toEqual({ passages: [], answered: false, model: 'bm25' });
  });

  it('leaves every other decision alone', async () => {
    expect(await knowledge.handle(decided({ kind: 'respond' }, 'en'), context({}))).toEqual([]);
  });
});
