import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { loadBot } from '../../shared/bot/load.ts';
import type { Platform } from '../platform.ts';
import { testPlatform } from '../platform.fixture.ts';
import { writeBot } from './test/bot.fixture.ts';

const WAIT = { timeout: 20_000, interval: 200 };
let dir: string;
let bot: string;
let platform: Platform;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'versions-'));
  bot = join(dir, 'bots/desk');
  await writeBot(bot);
  platform = await testPlatform({ dir: join(dir, 'platform'), bots: join(dir, 'bots') });
}, 120_000);
afterAll(async () => {
  await platform.stop();
  await rm(dir, { recursive: true });
});

async function say(session: string, query: string): Promise<string> {
  const response = await fetch(`${platform.url}/v1/chat`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ sessionId: session, query, locale: 'en' }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${response.status} ${text}`);
  return text;
}

async function edit(file: string, change: (text: string) => string): Promise<void> {
  await writeFile(join(bot, file), change(await readFile(join(bot, file), 'utf8')));
}

it('takes up a new version without a restart; sessions keep theirs, or move by the rule that the version declares', async () => {
  expect(await say('old', 'hello')).toContain('Hello!');
  await edit('domain.yml', (text) => text.replace('"Hello!"', '"Good day!"'));
  let fresh = 0;
  await expect.poll(() => say(`fresh-${fresh++}`, 'hello'), WAIT).toContain('Good day!');
  expect(await say('old', 'hello')).toContain('Hello!');
  // What is no bot changes nothing.
  await edit('bot.yml', (text) => `${text}\tbroken: 1\n`);
  await edit('bot.yml', (text) => text.replace('\tbroken: 1\n', `migrate: { from: [${'f'.repeat(8)}] }\n`));
  await edit('domain.yml', (text) => text.replace('"Good day!"', '"Ahoy!"'));
  await expect.poll(() => say(`fresh-${fresh++}`, 'hello'), WAIT).toContain('Ahoy!');
  expect(await say('old', 'hello')).toContain('Hello!');

  await edit('bot.yml', (text) => text.replace(/from: .*\]/u, 'from: all'));
  const { hash } = await loadBot(bot);
  await expect.poll(() => say('old', 'hello'), WAIT).toContain('Ahoy!');
  expect(hash).toMatch(/^[0-9a-f]{32}$/u);
}, 120_000);
