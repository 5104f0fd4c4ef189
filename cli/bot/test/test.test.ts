import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { turnstream } from '../../testing.ts';
import { writeBot } from './bot.fixture.ts';

const TESTS = `test_cases:
- test_case: greets & thanks
  steps: [{ user: hello }, { utter: utter_greet }]
- test_case: greets <wrongly>
  steps: [{ user: hello }, { bot: Ahoi }]
`;
let bots: string;
let bot: string;

beforeAll(async () => {
  bots = await mkdtemp(join(tmpdir(), 'bots-'));
  bot = join(bots, 'desk');
  await writeBot(bot, { 'e2e.yml': TESTS });
});
afterAll(() => rm(bots, { recursive: true }));

const test = (...args: readonly string[]) => turnstream(['bot', 'test', ...args], { env: { NO_COLOR: '1' } });

describe('turnstream bot test', () => {
  it('says what was expected and what came instead, and exits with 1', async () => {
    const { code, out, err } = await test(bots);
    expect(code).toBe(1);
    expect(err).toBe('');
    expect(out).toContain('✓ greets & thanks');
    expect(out).toContain(`✗ greets <wrongly>  ${join(bot, 'tests/e2e.yml')}:4`);
    expect(out).toMatch(/expected {2}bot: Ahoi {2}line 5\n.*came {6}Hello! \(utter_greet\)/u);
    expect(out).toMatch(/1 failed, 1 passed in \d/u);
  });

  it('writes JSON and JUnit', async () => {
    const junit = join(bots, 'results.xml');
    const { code, out } = await test(bot, '--json', '--junit', junit);
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({
      passed: false,
      tests: [
        { name: 'greets & thanks', passed: true, transcript: [{ kind: 'user', text: 'hello', bot: ['Hello!'] }] },
        { passed: false, line: 4, differences: [{ line: 5, expected: 'bot: Ahoi' }] },
      ],
    });
    const xml = await readFile(junit, 'utf8');
    expect(xml).toContain('tests="2" failures="1" errors="0"');
    expect(xml).toContain('<testcase name="greets &amp; thanks"');
    expect(xml).toContain('<failure message="expected bot: Ahoi">');
  });

  it.each([
    [['desk/tests/e2e.yml::greets & thanks'], 0, '1 passed'],
    [['desk', '--filter', 'THANKS'], 0, '1 passed'],
    [['desk/tests', '--fail-fast'], 1, '1 failed, 1 passed'],
    [['desk/tests/e2e.yml::nobody'], 2, 'there is no test called nobody'],
    [['desk', '--filter', 'nobody'], 2, 'no test is called like nobody'],
    [['nowhere'], 2, 'there is no'],
  ])('called with %j ends with code %i', async ([path = '', ...options], code, text) => {
    const { code: ended, out, err } = await test(join(bots, path), ...options);
    expect(out + err).toContain(text);
    expect(ended).toBe(code);
  });

  it('tells what is wrong in a file, and runs nothing', async () => {
    await writeBot(join(bots, 'broken'), {
      'e2e.yml': 'test_cases:\n- test_case: t\n  steps: [{ utter: utter_gret }]\n',
    });
    const { code, out, err } = await test(join(bots, 'broken'));
    expect([code, out.includes('✓')]).toEqual([1, false]);
    expect(err).toContain('e2e.yml:3:20 unknown response utter_gret (did you mean utter_greet?)');
  });
});
