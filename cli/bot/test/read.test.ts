import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadBot } from '../../../shared/bot/load.ts';
import { writeBot } from './bot.fixture.ts';
import { unknownNames } from './names.ts';
import { readTests } from './read.ts';

let dir: string;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'bot-read-'));
});
afterAll(() => rm(dir, { recursive: true }));

async function read(tests: Readonly<Record<string, string>>, file: string) {
  await writeBot(dir, tests);
  return readTests(join(dir, 'tests', file), dir);
}
const at = ({
  file,
  line,
  column,
  message,
  hint,
}: {
  file: string;
  line: number;
  column: number;
  message: string;
  hint?: string;
}) => `${basename(file)}:${line}:${column} ${message}${hint === undefined ? '' : ` (${hint})`}`;

describe('a file of tests', () => {
  it('has what conftest.yml files above it let it share; the nearest counts', async () => {
    const conftest = (size: string) =>
      `fixtures:\n  - one:\n      - size: ${size}\n  - ${size}:\n      - city: Berlin\n`;
    const tests = {
      'conftest.yml': conftest('S'),
      'deep/conftest.yml': conftest('M'),
      'deep/t.yml': 'test_cases:\n- test_case: t\n  fixtures: [one, S]\n  steps: [{ user: hi }]\n',
    };
    const { cases, issues } = await read(tests, 'deep/t.yml');
    expect(issues).toEqual([]);
    expect(cases).toMatchObject([{ name: 't', slots: { size: 'M', city: 'Berlin' } }]);
  });

  it.each([
    ['steps: [{ usr: hi }]', 't.yml:3:13 unknown key usr (did you mean user?)'],
    [
      'steps: [{ user: hi, bot: ho }]',
      't.yml:3:11 a step is one thing (user, bot, utter, slot_was_set, slot_was_not_set, at_once, wait or agent)',
    ],
    ['steps: [{ at_once: [hi] }]', 't.yml:3:22 two messages or more'],
    [
      'steps: [{ at_once: [hi, ho], intent: greet }]',
      't.yml:3:40 of several messages it is not clear whose intent is meant',
    ],
    ['steps: [{ wait: soon }]', 't.yml:3:19 a duration such as 30s, 10m or 2h'],
    [
      'steps: [{ user: hi, assertions: [{ flow_startd: x }] }]',
      't.yml:3:38 unknown assertion flow_startd (did you mean flow_started?)',
    ],
    [
      'steps: [{ user: hi, assertions: [{ bot_uttered: { text_matches: "(" } }] }]',
      't.yml:3:67 not a regular expression',
    ],
    ['fixtures: [xyzzy]\n  steps: [{ user: hi }]', 't.yml:3:13 unknown fixture xyzzy'],
    ['steps: [{ user: hi }]\n- test_case: t\n  steps: [{ user: hi }]', 't.yml:4:14 there are two tests called t'],
    ['steps: []', 't.yml:3:10 a test has at least one step'],
    ['\tsteps: []', 't.yml:3:3 Tabs are not allowed as indentation (indent with spaces)'],
  ])('that has %s is told where it is wrong', async (text, issue) => {
    const { issues } = await read({ 't.yml': `test_cases:\n- test_case: t\n  ${text}\n` }, 't.yml');
    expect(issues.map(at)).toContain(issue);
  });

  it('is warned of what is read and not checked', async () => {
    const text = `metadata: [{ m: { os: linux } }]
stub_custom_actions: { a: { events: [{ event: followup }], responses: [{ text: hi }] } }
test_cases:
- test_case: t
  steps: [{ user: hi, assertions: [{ generative_response_is_grounded: { threshold: 1 } }] }]
stories:
- story: s
  steps: [{ intent: greet }, { action: order_form }, { active_loop: order_form }, { checkpoint: c }]
`;
    const { warnings, issues } = await read({ 't.yml': text }, 't.yml');
    expect(warnings.map(at)).toEqual([
      't.yml:1:19 os is not told to the bot (locale, channel and timezone are)',
      't.yml:2:71 actions say nothing here: responses are left out (say it in the flow, after the action)',
      't.yml:2:38 the event followup is left out',
      't.yml:5:38 generative_response_is_grounded needs a judge, and is not checked',
      't.yml:8:40 the form order_form is a flow here, and is not checked',
      't.yml:8:54 active_loop is not checked: forms are flows here',
    ]);
    expect(issues.map(at)).toEqual(['t.yml:8:83 checkpoints and or cannot be tested (write a story for each way)']);
  });

  it('is told of names that the bot does not have', async () => {
    const steps = '[{ user: hi, intent: gret }, { utter: utter_gret }, { slot_was_set: [cty] }]';
    const { cases } = await read({ 't.yml': `test_cases:\n- test_case: t\n  steps: ${steps}\n` }, 't.yml');
    expect(unknownNames(await loadBot(dir), cases).map(at)).toEqual([
      't.yml:3:11 unknown intent gret (did you mean greet?)',
      't.yml:3:48 unknown response utter_gret (did you mean utter_greet?)',
      't.yml:3:78 unknown slot cty (did you mean city?)',
    ]);
  });
});
