import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadBot } from '../../../shared/bot/load.ts';
import { foldable } from '../../../shared/runtime/read-event.ts';
import { writeBot } from '../test/bot.fixture.ts';
import type { Doing, Stub } from '../test/case.ts';
import { converse } from '../test/conversation.ts';
import { readTests } from '../test/read.ts';
import { runTest } from '../test/run.ts';
import { subjectOf, type Subject } from '../test/subject.ts';
import { noMask, personalMask } from './mask.ts';
import { recordingOf } from './recording.ts';

let dir: string;
let subject: Subject;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'bot-record-'));
  await writeBot(dir);
  subject = await subjectOf(await loadBot(dir), dir);
});
afterAll(() => rm(dir, { recursive: true }));

const says = (text: string): Doing => ({ kind: 'user', text, about: {} });

/** What is recorded of a conversation. */
async function recorded(doings: readonly Doing[], stubs: Readonly<Record<string, Stub>> = {}, mask = noMask) {
  const test = { name: 'lived', slots: {}, stubs: new Map(Object.entries(stubs)) };
  const conversation = await converse(subject, test);
  for (const doing of doings) await conversation.act(doing);
  const events = conversation.events.flatMap((stored) => foldable(stored) ?? []);
  return { ...recordingOf(events, 'lived', mask), messages: conversation.events.length };
}

describe('a recorded session', () => {
  it.each<readonly [string, readonly Doing[], Readonly<Record<string, Stub>>]>([
    [
      'with an action',
      ['I want a refund', 'TS0001', '20', 'yes'].map(says),
      { action_refund: { kind: 'done', slots: {} } },
    ],
    [
      'with an action that fails',
      ['订单什么状态', 'TS0001'].map(says),
      { action_order_status: { kind: 'failed', reason: 'refused' } },
    ],
    ['with silence and a return', [says('track my parcel'), { kind: 'wait', ms: 3_600_000 }, says('hello')], {}],
    [
      'with a person',
      [
        says('转人工'),
        { kind: 'agent', command: 'take' },
        { kind: 'agent-says', text: 'Ann.' },
        says('ok'),
        { kind: 'agent', command: 'hand-back' },
        says('xyzzy'),
      ],
      {},
    ],
    ['with a button', [says('/track{"order_number":"TS0007"}')], {}],
  ])('%s is a test that passes', async (_, doings, stubs) => {
    const { text, left } = await recorded(doings, stubs);
    expect(left).toEqual([]);
    const file = join(dir, 'recorded.yml');
    await writeFile(file, text);
    const { cases, issues, warnings } = await readTests(file, dir);
    expect({ issues, warnings }).toEqual({ issues: [], warnings: [] });
    const [test] = cases;
    if (!test) throw new Error('nothing was recorded');
    const { passed, rounds } = await runTest(subject, test);
    expect(rounds.flatMap((it) => it.differences)).toEqual([]);
    expect(passed).toBe(true);
    expect(test.rounds.flatMap(({ expects }) => expects).length).toBeGreaterThan(0);
  });

  it('tells nobody who the customer is', async () => {
    const mask = await personalMask(subject.bot);
    const doings = ['call 13912345678 please', '我的邮箱是 jane@secret.org', '13912345678'].map(says);
    const { text } = await recorded(doings, {}, mask);
    expect(text).not.toMatch(/13912345678|secret/u);
    expect(text.match(/13800138000/gu)).toHaveLength(2);
    expect(text).toContain('customer1@example.com');
    expect(mask.count()).toBe(2);
  });
});
