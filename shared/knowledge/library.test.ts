import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import type { TenantId } from '../../events/envelope.ts';
import { answerOf } from './answer.ts';
import { versioned, type Article, type BaseName } from './article.ts';
import { openLibrary } from './library.ts';
import { memoryKnowledge } from './memory.ts';
import { startEmbedder } from './start-embedder.ts';
import { EMPTY, shelve } from './shelf.ts';

const ACME = { tenant: 'acme' as TenantId, base: 'shop' as BaseName };
const article = (id: string, title: string, text: string, locale = 'en'): Article =>
  versioned({ id: id as Article['id'], locale, title, questions: [], passages: [{ headings: [], text }] });
const REFUND = article('refund', 'Refunds', 'The money comes back within three working days.');
const TRACK = article('track', 'Tracking', 'Each parcel has a number on the label.');
const opened = () => {
  const store = memoryKnowledge(() => new Date(0));
  return { store, library: openLibrary({ store, freshMs: 0 }) };
};

describe('a library', () => {
  it('finds what was published, and cites article and version', async () => {
    const { store, library } = opened();
    await store.publish(ACME, REFUND);
    await store.publish(ACME, TRACK);
    const { passages } = answerOf(await library.search(ACME, 'number of my parcel'));
    expect(passages[0]).toMatchObject({ article: 'track', version: TRACK.version, text: TRACK.passages[0]?.text });
  });

  it('finds the new version and not the old one, and nothing that was withdrawn', async () => {
    const { store, library } = opened();
    await store.publish(ACME, REFUND);
    expect((await library.search(ACME, 'money')).hits).toHaveLength(1);
    const changed = article('refund', 'Refunds', 'Now within one week.');
    await store.publish(ACME, changed);
    expect((await library.search(ACME, 'money')).hits).toEqual([]);
    expect((await library.search(ACME, 'week')).hits[0]?.article.version).toBe(changed.version);
    await store.withdraw(ACME, changed);
    expect((await library.search(ACME, 'week')).hits).toEqual([]);
  });

  it('shows a tenant nothing of another, nor of another base', async () => {
    const { store, library } = opened();
    await store.publish(ACME, REFUND);
    for (const other of [
      { ...ACME, tenant: 'rival' as TenantId },
      { ...ACME, base: 'bank' as BaseName },
    ]) {
      expect((await library.search(other, 'money')).hits).toEqual([]);
      expect((await library.shelf(other)).articles.size).toBe(0);
    }
  });

  it('answers in the language of the question, or in the one that is asked for', async () => {
    const { store, library } = opened();
    await store.publish(ACME, article('refund', 'Refund', 'Refund in three days, 退款.'));
    await store.publish(ACME, article('refund', '退款', '三天之内退款 refund。', 'zh'));
    const first = async (query: string, locale?: string) =>
      (await library.search(ACME, query, { locale })).hits.map((hit) => hit.article.locale);
    expect(await first('退款')).toEqual(['zh']);
    expect(await first('refund')).toEqual(['en']);
    expect(await first('退款', 'en-GB')).toEqual(['en']);
    expect(await first('refund', 'fr')).toEqual([]);
  });

  it('does not know what no article is about, and says so', async () => {
    const { store, library } = opened();
    await store.publish(ACME, REFUND);
    await store.publish(ACME, TRACK);
    expect(await library.search(ACME, 'who won the football match')).toMatchObject({ hits: [], answered: false });
    expect(await library.search(ACME, '')).toMatchObject({ hits: [], answered: false });
    expect(await library.search(ACME, '😀\ud800'.repeat(5_000))).toMatchObject({ answered: false });
  });

  it('knows another way of asking that stands with an article', async () => {
    const { store, library } = opened();
    const { version: _, ...rest } = REFUND;
    await store.publish(ACME, TRACK);
    await store.publish(ACME, versioned({ ...rest, questions: ['when do I get paid back'] }));
    const { hits, answered } = await library.search(ACME, 'when do I get paid back');
    expect(hits[0]?.article.id).toBe('refund');
    expect(answered).toBe(true);
  });

  it('finds by meaning what has no word in common', async () => {
    const store = memoryKnowledge(() => new Date(0));
    const library = openLibrary({ store, embedder: startEmbedder(), freshMs: 0 });
    await store.publish(ACME, article('refund', '退款时间', '款项在三个工作日内原路退回。', 'zh'));
    await store.publish(ACME, article('invoice', '开具发票', '电子发票可以下载。', 'zh'));
    const { hits } = await library.search(ACME, 'when will I get my money back', { locale: 'zh' });
    expect(hits[0]?.article.id).toBe('refund');
  });

  it('fails everybody who asks while the log is away, and takes in the rest afterwards', async () => {
    const { store } = opened();
    await store.publish(ACME, REFUND);
    let away = false;
    const library = openLibrary({
      store: { read: (ref, after) => (away ? Promise.reject(new Error('away')) : store.read(ref, after)) },
      freshMs: 0,
    });
    await library.search(ACME, 'money');
    away = true;
    const both = await Promise.allSettled([library.search(ACME, 'money'), library.search(ACME, 'money')]);
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    away = false;
    await store.publish(ACME, TRACK);
    expect((await library.search(ACME, 'parcel')).hits).toHaveLength(1);
  });
});

const word = fc.constantFrom('refund', 'parcel', 'money', 'label', 'week', '退款', '包裹');
const step = fc.record({
  id: fc.constantFrom('a', 'b', 'c'),
  locale: fc.constantFrom('en', 'zh'),
  words: fc.option(fc.array(word, { minLength: 1, maxLength: 6 })),
  search: fc.boolean(),
});

describe('an index that follows the stream', () => {
  test.prop([fc.array(step, { maxLength: 12 })])(
    'is the same as one made of what is there in the end',
    async (steps) => {
      const { store, library } = opened();
      for (const { id, locale, words, search } of steps) {
        if (words) await store.publish(ACME, article(id, words[0] ?? '', words.join(' '), locale));
        else await store.withdraw(ACME, { id: id as Article['id'], locale });
        if (search) await library.search(ACME, 'refund 退款');
      }
      const direct = opened();
      const shelf = shelve(EMPTY, await store.read(ACME));
      for (const { article: one } of shelf.articles.values()) await direct.store.publish(ACME, one);
      const found = async (of: typeof library, query: string) =>
        (await of.search(ACME, query)).hits.map((hit) => [
          hit.article.id,
          hit.article.version,
          hit.score,
          hit.confidence,
        ]);
      for (const query of ['refund', 'money parcel', '退款包裹', 'label week refund']) {
        expect(await found(library, query)).toEqual(await found(direct.library, query));
      }
    },
  );

  test.prop([fc.array(step, { maxLength: 12 }), fc.nat(12)])(
    'gives the same shelf in parts, and however often',
    async (steps, at) => {
      const { store } = opened();
      for (const { id, locale, words } of steps) {
        if (words) await store.publish(ACME, article(id, words[0] ?? '', words.join(' '), locale));
        else await store.withdraw(ACME, { id: id as Article['id'], locale });
      }
      const all = await store.read(ACME);
      const whole = shelve(EMPTY, all);
      const parts = shelve(shelve(shelve(EMPTY, all.slice(0, at)), all), all);
      expect(parts).toEqual(whole);
    },
  );
});
