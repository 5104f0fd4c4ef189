import { beforeEach, describe, expect, it } from 'vitest';
import { clientIn, memoryGateway, RIVAL, type Client, type Seen } from './gateway.fixture.ts';

interface Article {
  readonly id: string;
  readonly version: string;
  readonly changed: boolean;
}
interface Answer {
  readonly answered: boolean;
  readonly passages: readonly { readonly article: string; readonly version: string; readonly text: string }[];
}

const article = (over: object = {}) => ({
  id: 'refunds',
  locale: 'en',
  format: 'markdown',
  content: '# Refunds\n\nThe money comes back within three working days.',
  ...over,
});
const ARTICLES = '/v1/knowledge/shop/articles';
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the body of another route
const as = <T>({ body }: Seen): T => body as unknown as T;

describe('articles over HTTP', () => {
  let gateway: ReturnType<typeof memoryGateway>;
  let client: Client;
  beforeEach(() => {
    gateway = memoryGateway();
    client = clientIn(gateway);
  });

  it('are published, listed and found, and cited by version', async () => {
    const published = await client.post(ARTICLES, article());
    expect(published.status).toBe(201);
    const { version } = as<Article>(published);
    expect(as<{ articles: unknown }>(await client.get(ARTICLES))).toMatchObject({
      articles: [{ id: 'refunds', locale: 'en', version, title: 'Refunds', passages: 1 }],
      next: null,
    });
    const found = as<Answer>(await client.get('/v1/knowledge/shop/search?q=when%20comes%20the%20money%20back'));
    expect(found.passages[0]).toMatchObject({ article: 'refunds', version });
  });

  it('are the same when they come again, and have another version when they are changed', async () => {
    const first = as<Article>(await client.post(ARTICLES, article()));
    const again = await client.post(ARTICLES, article());
    expect(again.status).toBe(200);
    expect(as<Article>(again)).toMatchObject({ version: first.version, changed: false });
    const changed = await client.post(ARTICLES, article({ content: 'Within a week.' }));
    expect(changed.status).toBe(201);
    expect(as<Article>(changed).version).not.toBe(first.version);
  });

  it('belong to one tenant', async () => {
    await client.post(ARTICLES, article());
    const rival = clientIn(gateway, RIVAL);
    expect(as<{ articles: unknown }>(await rival.get(ARTICLES)).articles).toEqual([]);
    expect(as<Answer>(await rival.get('/v1/knowledge/shop/search?q=money'))).toEqual({ answered: false, passages: [] });
  });

  it('are told page by page', async () => {
    for (const id of ['a', 'b', 'c']) await client.post(ARTICLES, article({ id }));
    const first = as<{ articles: Article[]; next: string }>(await client.get(`${ARTICLES}?limit=2`));
    expect(first.articles.map(({ id }) => id)).toEqual(['a', 'b']);
    const rest = as<{ articles: Article[]; next: null }>(
      await client.get(`${ARTICLES}?after=${encodeURIComponent(first.next)}`),
    );
    expect(rest).toMatchObject({ articles: [{ id: 'c' }], next: null });
  });

  it.each([
    [article({ content: '# only a title' }), 400, 'content', 'line 1: the article has no text'],
    [article({ content: '---\nother: 1\n---\nx' }), 400, 'content', 'line 1: front matter: other is not known'],
    [article({ id: 'Not An Id' }), 400, 'id', 'is'],
    [article({ format: 'pdf' }), 400, 'format', 'is not'],
    [article({ content: 'x'.repeat(70_000) }), 413, 'body', 'is longer than'],
  ])('that are wrong are refused with the field and the reason: %#', async (body, status, field, message) => {
    const refused = await client.post(ARTICLES, body);
    expect(refused.status).toBe(status);
    expect(refused.body.errors?.[0]?.field).toBe(field);
    expect(refused.body.errors?.[0]?.message).toContain(message);
  });

  it.each([
    ['/v1/knowledge/Shop/search?q=x', 'base'],
    ['/v1/knowledge/shop/search', 'q'],
    ['/v1/knowledge/shop/search?q=%20', 'q'],
    [`/v1/knowledge/shop/search?q=${'x'.repeat(1_001)}`, 'q'],
    ['/v1/knowledge/shop/search?q=x&limit=21', 'limit'],
    ['/v1/knowledge/shop/search?q=x&locale=english%20please', 'locale'],
  ])('are not searched by %s', async (path, field) => {
    const refused = await client.get(path);
    expect(refused.status).toBe(400);
    expect(refused.body.errors?.[0]?.field).toBe(field);
  });

  it('need a key, and are nothing for who has none', async () => {
    const response = await gateway.app.request(ARTICLES);
    expect(response.status).toBe(401);
  });
});
