import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { loadBot } from '../../shared/bot/load.ts';
import { turnstream } from '../testing.ts';

const INTENTS = 150;
const FLOWS = 100;
const EXAMPLES = 40;
const numbers = (count: number) => Array.from({ length: count }, (_, i) => i);
let dir: string;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'large-'));
  const intents = numbers(INTENTS).map((i) => `intent_${i}`);
  const slots = numbers(50).map((i) => `slot_${i}`);
  const files = {
    bot: 'name: large\nlocales: [en]\nthreshold: 0.5\nmisses_before_handoff: 3\n',
    domain: [
      `intents: [${intents.join(', ')}]`,
      `slots:\n${slots.map((it) => `  ${it}: { type: text }`).join('\n')}`,
      'responses:',
      '  utter_default: [{ text: Pardon? }]\n  utter_handoff: [{ text: One moment. }]',
      ...slots.map((it) => `  utter_ask_${it}: [{ text: "${it}?" }]`),
      ...numbers(INTENTS).map((i) => `  utter_${i}: [{ text: "Answer ${i} with {slot_${i % 50}}." }]`),
    ].join('\n'),
    flows: `flows:\n${numbers(FLOWS)
      .map((i) => {
        const collects = numbers(5).map((j) => `      - collect: slot_${(i + j) % 50}`);
        const ends = `      - noop: true\n        next:\n          - if: slots.slot_${i % 50} is not null\n            then: [{ action: utter_${i} }]\n          - else: END`;
        return `  flow_${i}:\n    nlu_trigger: [{ intent: intent_${i} }]\n    steps:\n${collects.join('\n')}\n${ends}`;
      })
      .join('\n')}`,
    rules: `rules:\n${numbers(INTENTS - FLOWS)
      .map((i) => `- rule: r${i}\n  steps: [{ intent: intent_${i + FLOWS} }, { action: utter_${i + FLOWS} }]`)
      .join('\n')}`,
    nlu: `nlu:\n${intents
      .map(
        (it) =>
          `  - intent: ${it}\n    examples: |\n${numbers(EXAMPLES)
            .map((j) => `      - ${it} said in way ${j}\n`)
            .join('')}`,
      )
      .join('')}`,
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(dir, `${name}.yml`), text);
});
afterAll(() => rm(dir, { recursive: true }));

it('loads 100 flows, 150 intents and 6,000 examples within a second, and checks them within three', async () => {
  const started = performance.now();
  const { flows, intents } = await loadBot(dir);
  const loaded = performance.now() - started;
  expect([flows.length, intents.length]).toEqual([INTENTS, INTENTS]);
  const { code, err } = await turnstream(['bot', 'check', dir]);
  const checked = performance.now() - started - loaded;
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(loaded).toBeLessThan(1_000);
  expect(checked).toBeLessThan(3_000);
});
