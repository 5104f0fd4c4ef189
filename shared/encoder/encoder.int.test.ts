import { performance } from 'node:perf_hooks';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reference, tiny, type Reference, type Tiny } from './fixtures/copy.ts';
import type { Encoder } from './encoder.ts';
import { openEncoder, type OpenOptions } from './open.ts';

let told: Reference;
const open = new Map<Tiny, Encoder>();

const encoder = async (name: Tiny, options: OpenOptions = {}) => {
  const opened = open.get(name) ?? (await openEncoder(tiny(name), { deadlineMs: 15_000, ...options }));
  open.set(name, opened);
  return opened;
};

beforeAll(async () => {
  told = await reference();
});
afterAll(async () => {
  await Promise.all([...open.values()].map((opened) => opened.close()));
});

/** The largest difference between two rows of numbers. */
const apart = (a: Iterable<number>, b: readonly number[]) =>
  Math.max(...[...a].map((n, i) => Math.abs(n - (b[i] ?? Infinity))));

describe('an encoder on a model of one’s own', () => {
  it('embeds Chinese, English, emoji, nothing and 10,000 characters as Python does, by mean', async () => {
    const vectors = await (await encoder('embedding')).embed(told.texts);
    vectors.forEach((vector, i) => {
      expect(apart(vector, told.embedding[i] ?? [])).toBeLessThan(1e-6);
    });
  });

  // 8-bit kernels differ between processors.
  it('embeds by the first token, with 8-bit weights', async () => {
    const vectors = await (await encoder('embedding-cls')).embed(told.texts);
    vectors.forEach((vector, i) => {
      expect(apart(vector, told.embeddingCls[i] ?? [])).toBeLessThan(0.02);
    });
  });

  it('puts the model’s own words before a question', async () => {
    const vectors = await (await encoder('embedding-cls')).embed(told.texts, { as: 'query' });
    vectors.forEach((vector, i) => {
      expect(apart(vector, told.embeddingClsQuery[i] ?? [])).toBeLessThan(0.02);
    });
  });

  it('classifies, the likeliest label first', async () => {
    const classifier = await encoder('classifier');
    for (const [i, text] of told.texts.entries()) {
      const found = await classifier.classify(text);
      const { labels } = classifier.capabilities;
      const inOrder = labels.map((label) => found.find((l) => l.label === label)?.probability ?? -1);
      expect(apart(inOrder, told.classifier[i] ?? [])).toBeLessThan(1e-6);
      expect(found[0]?.probability).toBe(Math.max(...inOrder));
    }
  });

  it.each(['reranker', 'reranker-unigram'] as const)('ranks passages for a question, with the %s', async (name) => {
    const scores = name === 'reranker' ? told.reranker : told.unigram;
    const ranked = await (await encoder(name)).rerank(told.query, told.passages);
    expect(ranked.map(({ index }) => index).sort()).toEqual(told.passages.map((_, i) => i));
    expect(ranked.map(({ score }) => score)).toEqual([...ranked.map(({ score }) => score)].sort((a, b) => b - a));
    for (const { index, score } of ranked) expect(score).toBeCloseTo(scores[index] ?? Infinity, 4);
  });

  it.each(['embedding', 'embedding-cls'] as const)('gives a text of %s the same numbers in company', async (name) => {
    const opened = await encoder(name);
    const together = await opened.embed([...told.texts, ...told.texts].reverse());
    for (const [i, text] of told.texts.entries()) {
      const [alone] = await opened.embed([text]);
      const inCompany = [...(together[together.length - 1 - i] ?? [])];
      expect(apart(alone ?? [], inCompany)).toBeLessThanOrEqual(opened.capabilities.quantised ? 0 : 1e-6);
    }
  });

  it.each([
    ['a broken pair of surrogates', '\ud83d where \ude00'],
    ['control characters', '\u0000\u0007\u001b[2J'],
    ['right to left', 'מה שלומך؟ \u202e abc'],
    ['a million characters', '我要退款'.repeat(250_000)],
    ['a word without an end', 'a'.repeat(10_000)],
    ['the model’s own marks', '[SEP][CLS] [PAD][MASK]'],
  ])('takes %s', async (_, text) => {
    const [vector] = await (await encoder('embedding')).embed([text]);
    expect(Math.hypot(...(vector ?? []))).toBeCloseTo(1, 5);
  });

  it('takes lists of any length, also none', async () => {
    const opened = await encoder('embedding');
    expect(await opened.embed([])).toEqual([]);
    const many = Array.from({ length: 200 }, (_, i) => `order ${i}`);
    const vectors = await opened.embed(many);
    const [last] = await opened.embed(many.slice(-1));
    expect(vectors).toHaveLength(200);
    expect(apart(vectors[199] ?? [], [...(last ?? [])])).toBeLessThan(1e-6);
  });

  it('says what the model is, and refuses what it is not for', async () => {
    const opened = await encoder('classifier');
    expect(opened.capabilities).toMatchObject({ kind: 'classifier', dimension: 3, maxTokens: 64, quantised: false });
    expect(opened.capabilities.labels).toEqual(['parcel.where', 'order.cancel', 'refund.ask']);
    await expect(opened.embed(['a'])).rejects.toMatchObject({ code: 'encoder.unsupported', retry: 'never' });
  });

  it('leaves the event loop free while it runs', async () => {
    const opened = await encoder('embedding');
    const texts = Array.from({ length: 128 }, (_, i) => `${i} ${told.texts[6] ?? ''}`);
    let turns = 0;
    let longest = 0;
    let last = performance.now();
    const began = last;
    let running = true;
    const turn = () => {
      const now = performance.now();
      longest = Math.max(longest, now - last);
      last = now;
      turns++;
      if (running) setImmediate(turn);
    };
    setImmediate(turn);
    await opened.embed(texts);
    running = false;
    const took = performance.now() - began;
    expect(turns).toBeGreaterThan(100);
    expect(longest).toBeLessThan(took / 4);
  });

  it('stops waiting when told to', async () => {
    const opened = await encoder('embedding');
    const texts = Array.from({ length: 128 }, () => told.texts[6] ?? '');
    await expect(opened.embed(texts, { signal: AbortSignal.timeout(1) })).rejects.toMatchObject({
      name: 'TimeoutError',
    });
    expect(await opened.embed(['after'])).toHaveLength(1);
  });

  it('finishes what it has begun before it is closed, all of it', async () => {
    const opened = await openEncoder(tiny('embedding'), { deadlineMs: 15_000 });
    const begun = opened.embed(Array.from({ length: 300 }, () => 'where is my parcel'));
    const closed = opened.close();
    await expect(opened.embed(['late'])).rejects.toMatchObject({ code: 'encoder.closed' });
    expect(await begun).toHaveLength(300);
    await closed;
  });
});
