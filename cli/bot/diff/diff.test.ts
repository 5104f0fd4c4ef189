import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { turnstream } from '../../testing.ts';
import { writeBot } from '../test/bot.fixture.ts';

const TESTS = 'test_cases:\n- test_case: greets\n  steps: [{ user: hello }, { utter: utter_greet }, { user: xyzzy }]\n';
let dir: string;
let before: string;
let after: string;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'diff-'));
  [before, after] = [join(dir, 'a'), join(dir, 'b')];
  await writeBot(before, { 'e2e.yml': TESTS });
  await writeBot(after, { 'e2e.yml': TESTS });
});
afterAll(() => rm(dir, { recursive: true }));

async function edit(file: string, from: string, to: string): Promise<void> {
  const text = await readFile(join(after, file), 'utf8');
  expect(text).toContain(from);
  await writeFile(join(after, file), text.replace(from, to));
}
const diff = (...args: readonly string[]) => turnstream(['bot', 'diff', ...args], { env: { NO_COLOR: '1' } });

it('says nothing of two folders with the same bot', async () => {
  await edit('nlu.yml', '- intent: greet\n', '# said first\n  - intent: greet\n');
  expect(await diff(before, after)).toMatchObject({
    code: 0,
    out: expect.stringContaining('✓ the same bot') as string,
  });
});

it('names what was added, removed and changed, and the answers that follow from it', async () => {
  await edit('domain.yml', 'text: "Hello!"', 'text: "Good day!"');
  await edit('domain.yml', 'city: { type: text }', 'town: { type: text }');
  await edit('flows.yml', 'collect: city', 'collect: town');
  await edit('domain.yml', 'utter_ask_city', 'utter_ask_town');
  await edit('domain.yml', '{city}', '{town}');
  await edit('domain.yml', '{city}', '{town}');
  await edit('nlu.yml', '      - hi there\n', '      - ahoy\n');
  await edit('bot.yml', 'threshold: 0.6', 'threshold: 0.5');
  const { code, out } = await diff(before, after, '--tests', after);
  expect(code).toBe(1);
  for (const lines of [
    'intents\n  greet\n    - [en] hi there\n    + [en] ahoy',
    'slots\n  - city\n  + town',
    '    - 1_collect_city. collect slot city ask utter_ask_city → 2_utter_invoice\n',
    'utter_greet\n    - [en] Hello!\n    + [en] Good day!',
    'settings\n  threshold\n    - 0.6\n    + 0.5',
    'answers\n  greets 1. hello\n    - Hello!\n    + Good day!',
  ]) {
    expect(out).toContain(lines);
  }
  const told = JSON.parse((await diff(before, after, '--json')).out) as object;
  expect(told).toMatchObject({
    same: false,
    slots: { added: ['town'], removed: ['city'] },
    responses: { added: ['utter_ask_town'], removed: ['utter_ask_city'] },
  });
});

it('needs two bots', async () => {
  expect(await diff(before, 'nowhere')).toMatchObject({
    code: 2,
    err: expect.stringContaining('is no folder') as string,
  });
});
