import { afterAll, beforeAll, expect, it } from 'vitest';
import { startPlatform, type Served, type TestPlatform } from './platform.fixture.ts';
let platform: TestPlatform; let one: Served; let two: Served;
beforeAll(async () => { platform = await startPlatform(); one = await platform.gateway(); two = await platform.gateway(); });
afterAll(() => platform.stop());
it('stress', async () => {
  for (let r = 0; r < 150; r++) {
    const { session } = (await one.client().post('/v1/sessions', { locale: 'en' })).body;
    const ask = (i: number) => (i % 2 === 0 ? one : two).client().post('/v1/chat', { sessionId: session, query: `hello ${i}` });
    const t = Date.now(); const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => ask(i)));
    const bad = answers.filter(({ status }) => status !== 200);
    if (bad.length > 0) process.stderr.write(`round ${r} ms ${Date.now() - t} ${JSON.stringify(bad.map((b) => b.body))}\n`);
  }
  expect(1).toBe(1);
}, 120_000);
