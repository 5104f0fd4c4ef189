import { cp, mkdir, mkdtemp, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BotError } from './error.ts';
import { loadBot, loadBots } from './load.ts';
import { parseBot } from './parse.ts';

const BOTS = join(import.meta.dirname, '../../bots');
let root: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'bots-'));
});
afterAll(() => rm(root, { recursive: true }));

/** A copy of the demo bot to break. */
async function copy(name: string): Promise<string> {
  const dir = join(root, name, 'bot');
  await cp(join(BOTS, 'shop-helpdesk'), dir, { recursive: true });
  return dir;
}

async function problem(loading: Promise<unknown>): Promise<BotError> {
  const error: unknown = await loading.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof BotError) return error;
  throw new Error('this should have been a BotError');
}

describe('the demo bot', () => {
  it('has at least 25 examples of every intent in both languages', async () => {
    const { intents, locales } = await loadBot(join(BOTS, 'shop-helpdesk'));
    const few = intents.flatMap(({ name, examples }) =>
      locales.filter((it) => examples.filter(({ locale }) => locale === it).length < 25).map((it) => `${name} ${it}`),
    );
    expect(few).toEqual([]);
    expect(intents.length).toBeGreaterThanOrEqual(16);
  });

  it('says everything in both languages', async () => {
    const { responses, locales } = await loadBot(join(BOTS, 'shop-helpdesk'));
    const silent = Object.entries(responses).flatMap(([name, variants]) =>
      locales.filter((it) => !variants.some(({ locale }) => locale === it)).map((it) => `${name} ${it}`),
    );
    expect(silent).toEqual([]);
  });

  it('stands in the folder of bots under its name', async () => {
    const bots = await loadBots(BOTS);
    expect(bots.get('shop-helpdesk')?.hash).toBe((await loadBot(join(BOTS, 'shop-helpdesk'))).hash);
  });

  it('is the same bot with its NLU data in one file or several', async () => {
    const dir = await copy('one-file');
    await rename(join(dir, 'nlu/en.yml'), join(dir, 'nlu.yml'));
    expect((await loadBot(dir)).hash).toBe((await loadBot(join(BOTS, 'shop-helpdesk'))).hash);
  });
});

describe('a folder that is no bot', () => {
  it('names the files that are missing', async () => {
    const dir = join(root, 'empty');
    await mkdir(dir);
    const { issues, code, retry } = await problem(loadBot(dir));
    expect([code, retry]).toEqual(['bot.invalid', 'never']);
    expect(issues.map(({ file, message }) => [file, message])).toEqual(
      ['bot.yml', 'domain.yml', 'flows.yml', 'nlu.yml'].map((name) => [join(dir, name), `${name} is missing`]),
    );
  });

  it('is not there, or not a folder', async () => {
    const file = join(root, 'file');
    await writeFile(file, '');
    expect((await problem(loadBot(join(root, 'nowhere')))).message).toContain('there is no such folder');
    expect((await problem(loadBot(file))).message).toContain('this is not a folder');
    expect((await problem(loadBots(file))).message).toContain('this is not a folder');
  });

  it('has a file that is too large, or not text, or a folder', async () => {
    const dir = await copy('files');
    await truncate(join(dir, 'nlu/en.yml'), 5 * 1024 * 1024 + 1);
    await writeFile(join(dir, 'nlu/zh.yml'), Uint8Array.of(0xff, 0xfe, 0x00));
    await rm(join(dir, 'flows.yml'));
    await mkdir(join(dir, 'flows.yml'));
    expect((await problem(loadBot(dir))).issues.map(({ message }) => message)).toEqual([
      'flows.yml is not a file',
      'en.yml is larger than 5 MB',
      'zh.yml is not UTF-8 text',
    ]);
  });

  it('names file, line, column and reason in its message', async () => {
    const dir = await copy('typo');
    await writeFile(join(dir, 'bot.yml'), 'name: x\nlocales: [zh, en]\ntreshold: 1\nmisses_before_handoff: 2\n');
    expect((await problem(loadBot(dir))).message).toContain(
      `${join(dir, 'bot.yml')}:3:1 unknown key treshold (did you mean threshold?)`,
    );
  });
});

describe('a folder of bots', () => {
  it('has no two of one name', async () => {
    const dir = join(root, 'twins');
    for (const twin of ['a', 'b']) await cp(join(BOTS, 'shop-helpdesk'), join(dir, twin), { recursive: true });
    const { issues } = await problem(loadBots(dir));
    expect(issues.map(({ file, message }) => [file, message])).toEqual([
      [join(dir, 'b/bot.yml'), 'another bot is named shop-helpdesk'],
    ]);
  });

  it('is not empty', async () => {
    const dir = join(root, 'none');
    await mkdir(dir);
    expect((await problem(loadBots(dir))).message).toContain('there is no bot in this folder');
  });
});

describe('a stored bot', () => {
  it('comes back as it was', async () => {
    const bot = await loadBot(join(BOTS, 'shop-helpdesk'));
    expect(parseBot(JSON.parse(JSON.stringify(bot)))).toEqual(bot);
    expect(parseBot(JSON.stringify(bot))).toEqual(bot);
  });

  it('is refused when it was changed, or is something else', async () => {
    const bot = await loadBot(join(BOTS, 'shop-helpdesk'));
    const slow = { name: 'order_number', patterns: ['(a+)+b'], words: [] };
    expect(() => parseBot({ ...bot, name: 'other' })).toThrow('the content has the hash');
    expect(() => parseBot({ ...bot, entities: [slow] })).toThrow('bot.entities.0.patterns.0:1:1 not a pattern');
    expect(() => parseBot({ ...bot, extra: 1 })).toThrow(BotError);
    expect(() => parseBot('{')).toThrow('this is not JSON');
    expect(() => parseBot(null)).toThrow(BotError);
  });
});
