import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { learningFiles } from '../../functions/entity/learning-bot.ts';

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url));
let dir: string;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'bot-'));
  const rows = ['where is my parcel', 'track my parcel', 'is my parcel late', 'parcel please', 'my parcel']
    .map((text) => ({ text, intent: 'parcel' }))
    .concat(
      ['a refund', 'refund me', 'i want my refund', 'refund please', 'my refund'].map((text) => ({
        text,
        intent: 'refund',
      })),
    )
    .map((row) => JSON.stringify(row));
  await writeFile(join(dir, 'train.jsonl'), rows.join('\n'));
  await writeFile(join(dir, 'test.csv'), 'text,intent\nthe parcel,parcel\nrefund now,refund\nwho are you,chat\n');
  await writeFile(join(dir, 'bad.jsonl'), '{"text":"a","intent":"x"}\nnonsense\n');
});
afterAll(() => rm(dir, { recursive: true }));

function turnstream(...args: readonly string[]): Promise<{ code: number; out: string; error: string }> {
  return new Promise((resolve) => {
    const options = { cwd: dir, env: { ...process.env, NO_COLOR: '1' }, timeout: 60_000 };
    execFile(process.execPath, [MAIN, 'bot', ...args], options, (failure, out, error) => {
      resolve({ code: failure ? Number(failure.code) : 0, out, error });
    });
  });
}

describe('turnstream bot train', () => {
  it('writes the same model for the same seed, and judges it on a test file', async () => {
    const first = await turnstream('train', 'train.jsonl', '--out', 'a.model', '--seed', '7', '--json');
    expect(first).toMatchObject({ code: 0, error: '' });
    expect(JSON.parse(first.out)).toMatchObject({ trained: true, model: 'a.model', examples: 10, intents: 2 });
    await turnstream('train', 'train.jsonl', '--out', 'b.model', '--seed', '7', '--onnx', 'b.onnx');
    expect((await readFile(join(dir, 'a.model'))).equals(await readFile(join(dir, 'b.model')))).toBe(true);
    expect((await readFile(join(dir, 'b.onnx'))).length).toBeGreaterThan(100);

    const judged = await turnstream('evaluate', '--model', 'a.model', '--test', 'test.csv', '--json');
    expect(JSON.parse(judged.out)).toMatchObject({ examples: 2, accuracy: 1, outside: { examples: 1, auroc: 1 } });

    await turnstream('train', 'train.jsonl', '--out', 'v.model', '--seed', '7', '--validation', 'test.csv');
    expect((await readFile(join(dir, 'a.model'))).equals(await readFile(join(dir, 'v.model')))).toBe(false);
  });

  it('trains a net beside it where it is asked for, and judges both', async () => {
    const args = ['--net', '--validation', 'train.jsonl', '--out', 'net.model', '--json'];
    const { out } = await turnstream('train', 'train.jsonl', ...args);
    expect(JSON.parse(out)).toMatchObject({ trained: true, net: { weight: expect.any(Number) as number } });
    const judged = await turnstream('evaluate', '--model', 'net.model', '--test', 'test.csv', '--json');
    expect(JSON.parse(judged.out)).toMatchObject({ examples: 2, accuracy: 1 });
  }, 60_000);

  it('tells what is wrong with file, line and column, and trains nothing', async () => {
    const { code, error } = await turnstream('train', 'bad.jsonl', '--out', 'c.model');
    expect(code).toBe(1);
    expect(error).toContain('error bad.jsonl:2:1 this line is not JSON');
    await expect(readFile(join(dir, 'c.model'))).rejects.toThrow();
  });
});

describe('turnstream bot evaluate', () => {
  it('cross-validates and writes a page', async () => {
    const { code, out } = await turnstream('evaluate', 'train.jsonl', '--folds', '2', '--html', 'report.html');
    expect(code).toBe(0);
    expect(out).toMatch(/% of 10 examples understood/u);
    expect(await readFile(join(dir, 'report.html'), 'utf8')).toContain('<svg');
  });

  it.each([
    [['evaluate'], 2, 'a bot or training data is needed'],
    [['evaluate', '--model', 'a.model'], 2, 'name it with --test'],
    [['evaluate', '--model', 'test.csv', '--test', 'test.csv'], 1, 'it is no model of this platform'],
    [['evaluate', '--model', 'none', '--test', 'test.csv'], 1, 'there is no model none'],
    [['evaluate', 'train.jsonl', '--folds', '1'], 2, 'A whole number from 2 to 20 is needed'],
    [['train'], 2, "missing required argument 'data'"],
    [[], 2, 'a command is needed'],
  ])('called as %j ends with code %i', async (args, code, message) => {
    const { code: ended, error } = await turnstream(...args);
    expect(error).toContain(message);
    expect(ended).toBe(code);
  });
});

describe('turnstream bot check', () => {
  const BOTS = fileURLToPath(new URL('../../bots', import.meta.url));

  it('names a bot that is right, and counts what it has', async () => {
    const { code, out } = await turnstream('check', join(BOTS, 'shop-helpdesk'));
    expect({ code, out }).toMatchObject({
      code: 0,
      out: expect.stringMatching(/✓ shop-helpdesk [0-9a-f]{8} .*flows/u) as string,
    });
  });

  it('says what is learned from marks, and from how many', async () => {
    const learning = await mkdtemp(join(tmpdir(), 'learning-'));
    for (const [name, text] of Object.entries(learningFiles())) await writeFile(join(learning, `${name}.yml`), text);
    const { code, out } = await turnstream('check', learning);
    await rm(learning, { recursive: true });
    expect({ code, out }).toMatchObject({
      code: 0,
      out: expect.stringMatching(/✓ learning .*\n {2}learns recipient from 80 marked values\n/u) as string,
    });
  });

  it('says with file, line and column what is wrong, and exits with 1', async () => {
    const { code, out } = await turnstream('check', dir, '--json');
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({ bots: [], issues: [{ line: 1, column: 1 }] });
  });
});
