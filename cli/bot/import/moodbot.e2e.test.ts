import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { testPlatform } from '../../platform.fixture.ts';
import { turnstream } from '../../testing.ts';

const MOODBOT = join(import.meta.dirname, 'testing/moodbot');
const MINUTE_MS = 60_000;
let dir: string;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'moodbot-'));
});
afterAll(() => rm(dir, { recursive: true }));

it("Rasa's moodbot is imported, passes its own tests and answers on a platform within a minute", async () => {
  const started = performance.now();
  const bots = join(dir, 'bots');
  const imported = await turnstream(['bot', 'import', MOODBOT, '--to', join(bots, 'moodbot')]);
  expect(imported).toMatchObject({ code: 0, out: expect.stringContaining('✓ moodbot') as string });
  expect(imported.out).toContain('UnexpecTEDIntentPolicy is not run');
  expect(await turnstream(['bot', 'test', join(bots, 'moodbot')])).toMatchObject({ code: 0 });

  const platform = await testPlatform({ dir: join(dir, 'platform'), bots });
  try {
    const input = 'hello\nI am sad\nyes\nare you a machine?\nbye\n';
    const { code, out } = await turnstream(['chat', '--url', platform.url], { input });
    expect(code).toBe(0);
    expect(out.split('\n').filter((line) => !/^\s*\d/u.test(line) && line !== '')).toEqual([
      'Hey! How are you?',
      'Here is something to cheer you up:',
      'https://example.com/tiger.jpg',
      'Did that help you?',
      'Great, carry on!',
      'I am a bot, powered by Turnstream.',
      'Bye',
    ]);
    expect(performance.now() - started).toBeLessThan(MINUTE_MS);
  } finally {
    await platform.stop();
  }
}, 120_000);
