import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Bot } from './bot.ts';
import { FILES } from './little-bot.ts';
import { loadBots } from './load.ts';
import { watchBots } from './watch.ts';

let dir: string;
let bots: Map<string, Bot>;
let published: string[];
let problems: string[];
let isAway: boolean;
let watching: ReturnType<typeof watchBots>;

const write = (kind: keyof typeof FILES, text: string) => writeFile(join(dir, 'little', `${kind}.yml`), text);
const threshold = () => bots.get('little')?.settings.threshold;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'watch-'));
  await mkdir(join(dir, 'little'));
  for (const [kind, text] of Object.entries(FILES)) await write(kind as keyof typeof FILES, text);
  bots = new Map(await loadBots(dir));
  [published, problems, isAway] = [[], [], false];
  watching = watchBots({
    dir,
    bots,
    publish(bot) {
      published.push(bot.hash);
      return isAway ? Promise.reject(new Error('the log is away')) : Promise.resolve();
    },
    onNew: () => undefined,
    onProblem: (error) => problems.push(error instanceof Error ? error.message : String(error)),
    everyMs: 10,
  });
});
afterEach(async () => {
  await watching.stop();
  await rm(dir, { recursive: true });
});

it('takes up a changed bot once it is published, and a mended one', async () => {
  await write('bot', FILES.bot.replace('0.6', '0.7'));
  await expect.poll(threshold).toBe(0.7);
  await write('bot', FILES.bot.replace('0.6', 'high'));
  await expect.poll(() => problems.length).toBe(1);
  expect(problems[0]).toContain('bot.yml:3:12 Invalid type');
  expect(threshold()).toBe(0.7);
  await write('bot', FILES.bot.replace('0.6', '0.8'));
  await expect.poll(threshold).toBe(0.8);
  expect(published).toHaveLength(2);
});

it('tries again what could not be published, and begins no session with it before', async () => {
  isAway = true;
  await write('bot', FILES.bot.replace('0.6', '0.7'));
  await expect.poll(() => published.length).toBeGreaterThan(2);
  expect([threshold(), problems[0]]).toEqual([0.6, 'the log is away']);
  isAway = false;
  await expect.poll(threshold).toBe(0.7);
});
