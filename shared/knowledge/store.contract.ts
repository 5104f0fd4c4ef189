import { beforeAll, describe, expect, it } from 'vitest';
import type { TenantId } from '../../events/envelope.ts';
import { versioned, type Article, type BaseName } from './article.ts';
import { EMPTY, shelve } from './shelf.ts';
import type { BaseRef, KnowledgeStore } from './store.ts';

/** What every store of articles does. */
export function describeKnowledgeStore(name: string, open: () => Promise<KnowledgeStore>): void {
  describe(`the ${name} store of articles`, () => {
    let store: KnowledgeStore;
    let count = 0;
    beforeAll(async () => {
      store = await open();
    });
    const fresh = (): BaseRef => ({ tenant: `tenant-${++count}` as TenantId, base: 'shop' as BaseName });
    const article = (text: string, id = 'refund', locale = 'en'): Article =>
      versioned({ id: id as Article['id'], locale, title: 'T', questions: [], passages: [{ headings: ['H'], text }] });

    it('gives back what was published, in order and as it was', async () => {
      const ref = fresh();
      await store.publish(ref, article('one'));
      await store.publish(ref, article('二', 'track', 'zh-Hant'));
      const events = await store.read(ref);
      expect(events.map((e) => e.data)).toEqual([
        { article: article('one') },
        { article: article('二', 'track', 'zh-Hant') },
      ]);
      expect(events[0]?.position).toBeLessThan(events[1]?.position ?? 0);
      expect(Date.parse(events[0]?.time ?? '')).not.toBeNaN();
      expect(await store.read(ref, events[0]?.position)).toEqual(events.slice(1));
    });

    it('stores the same version once, and an old one again after another', async () => {
      const ref = fresh();
      expect(await store.publish(ref, article('one'))).toMatchObject({ kind: 'appended' });
      expect(await store.publish(ref, article('one'))).toEqual({ kind: 'unchanged' });
      await store.publish(ref, article('two'));
      expect(await store.publish(ref, article('one'))).toMatchObject({ kind: 'appended' });
      expect(await store.read(ref)).toHaveLength(3);
    });

    it('withdraws what is there, once, and keeps its past', async () => {
      const ref = fresh();
      expect(await store.withdraw(ref, article('one'))).toEqual({ kind: 'unchanged' });
      await store.publish(ref, article('one'));
      expect(await store.withdraw(ref, article('one'))).toMatchObject({ kind: 'appended' });
      expect(await store.withdraw(ref, article('one'))).toEqual({ kind: 'unchanged' });
      const events = await store.read(ref);
      expect(events.map(({ type }) => type)).toEqual(['article.published', 'article.withdrawn']);
      expect(shelve(EMPTY, events).articles.size).toBe(0);
      expect(await store.publish(ref, article('one'))).toMatchObject({ kind: 'appended' });
    });

    it('keeps languages, bases and tenants apart', async () => {
      const ref = fresh();
      const other = { ...ref, base: 'bank' as BaseName };
      await store.publish(ref, article('one'));
      await store.publish(ref, article('one', 'refund', 'zh'));
      await store.publish(other, article('one'));
      expect(await store.read(ref)).toHaveLength(2);
      expect(await store.read(other)).toHaveLength(1);
      expect(await store.read(fresh())).toEqual([]);
      expect(await store.bases(ref.tenant)).toEqual(['bank', 'shop']);
      expect(await store.bases('nobody' as TenantId)).toEqual([]);
    });

    it('lets writers at the same time leave one of their articles, and every append in order', async () => {
      const ref = fresh();
      await Promise.all(['a', 'b', 'c', 'd'].map((text) => store.publish(ref, article(text))));
      const events = await store.read(ref);
      expect(events).toHaveLength(4);
      expect(shelve(EMPTY, events).articles.size).toBe(1);
    });

    it('reads more than one batch', async () => {
      const ref = fresh();
      const articles = Array.from({ length: 300 }, (_, i) => article(`text ${i}`, `a-${i}`));
      await Promise.all(articles.map((one) => store.publish(ref, one)));
      expect(await store.read(ref)).toHaveLength(300);
    });

    it('takes the largest article that there may be', async () => {
      const ref = fresh();
      const passages = Array.from({ length: 500 }, () => ({ headings: ['标题'], text: '退'.repeat(400) }));
      const { version: _, ...rest } = article('x');
      await store.publish(ref, versioned({ ...rest, passages }));
      expect(await store.read(ref)).toHaveLength(1);
    });
  });
}
