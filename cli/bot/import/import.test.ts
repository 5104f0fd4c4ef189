import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Bot } from '../../../shared/bot/bot.ts';
import { readBot } from '../../../shared/bot/load.ts';
import { turnstream } from '../../testing.ts';
import { runTest } from '../test/run.ts';
import { subjectOf } from '../test/subject.ts';
import { importFaq } from './faq.ts';
import { readProject } from './project.ts';
import { importRasa, type Imported } from './rasa.ts';

/** A project with most of what Rasa 3 has, split over files as its documentation shows. */
const PROJECT: Readonly<Record<string, string>> = {
  'config.yml':
    'language: en\npipeline:\n- name: FallbackClassifier\n  threshold: 0.45\npolicies:\n- name: TEDPolicy\n- name: EnterpriseSearchPolicy\n',
  'domain/intents.yml':
    'version: "3.1"\nintents:\n- greet:\n    use_entities: []\n- book\n- inform\n- faq\n- affirm\n- nobody\nentities:\n- cuisine\n- number\n- seats\n- ghost\n- city:\n    roles: [from]\n',
  'domain/rest.yml': `slots:
  cuisine:
    type: text
    mappings:
    - type: from_entity
      entity: cuisine
      conditions: [{ active_loop: table_form, requested_slot: cuisine }]
  people:
    type: float
    mappings: [{ type: from_entity, entity: number }]
  spirit: { type: text, mappings: [{ type: from_entity, entity: ghost }] }
  odd: { type: custom.OddSlot }
forms:
  table_form: { ignored_intents: faq, required_slots: [cuisine, people] }
actions: [action_book, validate_table_form, utter_booked]
responses:
  utter_greet:
  - text: Hello {name}!
    buttons:
    - { title: Thai, payload: '/inform{{"cuisine":"thai"}}' }
    - { title: Gone, payload: /gone }
  utter_ask_cuisine: [{ text: What kind? }]
  utter_booked: [{ text: 'A {cuisine} table for {people}.' }]
  utter_please_rephrase: [{ text: Once more? }]
  utter_picture: [{ image: 'https://example.com/p.png' }]
  utter_custom: [{ custom: { a: 1 } }]
  utter_faq/hours: [{ text: From nine to five. }]
session_config: { session_expiration_time: 30 }
`,
  'data/nlu.yml': `version: "3.1"
nlu:
- intent: greet
  examples: |
    - hello
    - good morning
- intent: book
  examples: |
    - book a table
    - I want a [sichuan](cuisine) table
    - a table from [Rome]{"entity": "city", "role": "to"}
- intent: inform
  examples: |
    - [thai](cuisine)
    - [indian](cuisine) please
    - good morning
- intent: affirm
  examples: |
    - yes
- intent: faq/hours
  examples: |
    - when are you open
- synonym: indian
  examples: |
    - curry house
- synonym: nothing
  examples: |
    - void
- regex: seats
  examples: |
    - \\d+ seats
- regex: not_an_entity
  examples: |
    - abc
- lookup: city
  examples: |
    - Rome
    - Paris
`,
  'data/rules.yml': `rules:
- rule: greet
  steps: [{ intent: greet }, { action: utter_greet }]
- rule: faq
  steps: [{ intent: faq }, { action: utter_faq }]
- rule: book
  steps: [{ intent: book }, { action: table_form }, { active_loop: table_form }]
- rule: booked
  condition: [{ active_loop: table_form }]
  steps: [{ action: table_form }, { active_loop: null }, { slot_was_set: [{ requested_slot: null }] }, { action: utter_booked }]
- rule: rephrase
  steps: [{ intent: nlu_fallback }, { action: utter_please_rephrase }]
- rule: gone
  steps: [{ intent: gone }, { action: utter_greet }]
`,
  'data/stories.yml': `stories:
- story: one
  steps: [{ intent: greet }, { action: utter_greet }, { intent: affirm }, { action: utter_booked }]
- story: two
  steps: [{ intent: book }, { action: table_form }, { active_loop: table_form }, { intent: inform }, { action: table_form }, { active_loop: null }, { intent: affirm }, { action: utter_greet }]
- story: learned from end to end
  steps: [{ user: hello }, { bot: hi }]
`,
  'actions/actions.yml': 'nlu: broken\n',
};

let dir: string;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'import-'));
});
afterAll(() => rm(dir, { recursive: true }));

async function write(
  into: string,
  files: Readonly<Record<string, string>> | ReadonlyMap<string, string>,
): Promise<void> {
  const all: Iterable<readonly [string, string]> =
    files instanceof Map
      ? (files as ReadonlyMap<string, string>)
      : Object.entries(files as Readonly<Record<string, string>>);
  for (const [path, text] of all) {
    await mkdir(dirname(join(into, path)), { recursive: true });
    await writeFile(join(into, path), text);
  }
}

async function imported(
  files: Readonly<Record<string, string>>,
): Promise<{ readonly bot: Bot; readonly dir: string } & Imported> {
  const [from, to] = [await mkdtemp(join(dir, 'from-')), await mkdtemp(join(dir, 'to-'))];
  await write(from, files);
  const result = importRasa(await readProject(from), 'rasa');
  await write(to, result.files);
  const { bot, issues } = await readBot(to);
  expect(issues).toEqual([]);
  if (!bot) throw new Error('there is no bot');
  return { ...result, bot, dir: to };
}

describe('a Rasa project', () => {
  it('becomes a bot that answers as its rules, forms and retrieval intents say', async () => {
    const { bot, dir: at } = await imported(PROJECT);
    expect(bot).toMatchObject({ locales: ['en'], settings: { threshold: 0.45, closeAfterMs: 1_800_000 } });
    const says = (text: string, ...responses: readonly string[]) => ({
      doing: { kind: 'user', text, about: {} } as const,
      place: { file: '', line: 1, column: 1 },
      expects: responses.map((response) => ({
        place: { file: '', line: 1, column: 1 },
        what: { kind: 'utter', response } as const,
      })),
    });
    const test = {
      name: 'a table',
      place: { file: '', line: 1, column: 1 },
      slots: {},
      stubs: new Map(),
      rounds: [
        says('hello', 'utter_greet'),
        says('book a table', 'utter_ask_cuisine'),
        says('when are you open', 'utter_faq/hours', 'utter_ask_cuisine'),
        says('curry house', 'utter_ask_people'),
        says('4', 'utter_booked'),
        says('/inform{"cuisine":"thai"}'),
        says('qwertz', 'utter_default'),
      ],
    };
    const { rounds } = await runTest(await subjectOf(bot, at), test);
    expect(rounds.flatMap((it) => it.differences)).toEqual([]);
    const said = rounds.map(({ happened }) => happened.messages.map(({ text }) => text).join(' '));
    expect(said[4]).toBe('A indian table for 4.');
    expect(said[6]).toBe('Once more?');
  });

  it('tells what was changed, left out or is not run, and where', async () => {
    const { notes } = await imported(PROJECT);
    const told = notes.map(({ file, line, message }) => `${basename(file)}:${line} ${message}`);
    expect(told).toEqual(
      expect.arrayContaining([
        'config.yml:7 EnterpriseSearchPolicy is not run: a bot is trained and decided by the platform itself',
        'nlu.yml:12 “good morning” stands under greet, too: it stays there',
        'nlu.yml:29 the pattern \\d+ seats is now \\d{1,50} seats: it has to end somewhere',
        'nlu.yml:32 not_an_entity is no entity: the pattern is left out',
        'nlu.yml:26 no entity has the value nothing: its synonyms are left out',
        'intents.yml:11 cuisine is found by the words of its examples',
        'intents.yml:12 number is found by the built-in recogniser number',
        'intents.yml:14 nothing finds the entity ghost: it is left out',
        'intents.yml:9 intent nobody has no examples: it is left out',
        'rest.yml:11 nothing finds the entity ghost: the slot takes the whole answer',
        'rest.yml:12 a slot of type custom.OddSlot is kept as a text',
        'rest.yml:15 validate_table_form is Python, and is not run',
        'rest.yml:15 action_book is Python, and is called over HTTP',
        'rest.yml:18 {name} is no slot of this bot: the words stand there without braces',
        'rest.yml:18 the button Gone leads nowhere: it is left out',
        'rest.yml:25 an image is not shown: its address is said',
        'rest.yml:26 utter_custom says no words: it is left out',
        'rules.yml:13 intent gone is not there: the rule is left out',
        'stories.yml:2 what follows affirm depends on the story, and is not run: utter_booked',
        'stories.yml:7 end-to-end training is not run',
      ]),
    );
  });
});

describe('an entity that Rasa learns', () => {
  const NAMES = ['Anna', 'Bob Stone', 'Mary', 'Tom', 'Olga Berg', 'Peter', 'Lucy', 'Jim Hall', 'Ann', 'Max'];
  const project = (names: readonly string[], more = ''): Readonly<Record<string, string>> => ({
    'config.yml': 'language: en\n',
    'domain.yml':
      'version: "3.1"\nintents: [hand_over, greet]\nentities: [recipient]\nresponses:\n  utter_greet: [{ text: Hi }]\n',
    'data/nlu.yml': `version: "3.1"
nlu:
- intent: hand_over
  examples: |
${names.map((name) => `    - please hand the parcel to [${name}](recipient)\n`).join('')}- intent: greet
  examples: |
    - hello
    - good morning
${more}`,
    'data/rules.yml': 'rules:\n- rule: greet\n  steps: [{ intent: greet }, { action: utter_greet }]\n',
  });

  it('is learned here, too, where it is marked often enough, and not listed', async () => {
    const { bot, files, notes } = await imported(project(NAMES));
    expect(bot.entities).toEqual([{ name: 'recipient', patterns: [], words: [], learned: true }]);
    expect(bot.intents.flatMap(({ examples }) => examples.flatMap(({ marks = [] }) => marks))).toHaveLength(10);
    expect([...files.values()].join('')).not.toContain('lookup');
    expect(notes.map(({ message }) => message)).toContain('recipient is learned from 10 marked values');
  });

  it('keeps its synonyms', async () => {
    const { bot } = await imported(project(NAMES, '- synonym: Anna\n  examples: |\n    - Annie\n    - my wife\n'));
    expect(bot.entities[0]).toMatchObject({ learned: true });
    expect(bot.entities[0]?.words).toEqual(
      expect.arrayContaining([
        { word: 'Annie', value: 'Anna' },
        { word: 'my wife', value: 'Anna' },
      ]),
    );
  });

  it('is found by its words where there are too few to learn from', async () => {
    const { bot, notes } = await imported(project(NAMES.slice(0, 9)));
    expect(bot.entities[0]?.words).toHaveLength(9);
    expect(bot.entities[0]?.learned).toBeUndefined();
    expect(notes.map(({ message }) => message)).toContain('recipient is found by the words of its examples');
  });
});

describe('a table of questions', () => {
  it('becomes a bot with a retrieval intent for each, and a knowledge base', async () => {
    const table =
      'question;answer;variants;category;locale\n"When are you open?";"From nine; to {five}.";opening hours|are you open;Shop Info;\n什么时候开门？;九点。;;Shop Info;zh\nWho?;;;;\n';
    const { files, notes } = importFaq('faq.csv', table, 'faq', 'en');
    expect(notes).toEqual([
      { file: 'faq.csv', line: 4, column: 1, message: 'a row needs a question and an answer: it is left out' },
    ]);
    const to = await mkdtemp(join(dir, 'faq-'));
    await write(to, files);
    const { bot, issues, warnings } = await readBot(to);
    expect({ issues, warnings }).toEqual({ issues: [], warnings: [] });
    expect(bot?.intents.map(({ name, examples }) => [name.replace(/_[0-9a-f]{6}$/u, ''), examples.length])).toEqual([
      ['shop_info/when_are_you_open', 3],
      ['shop_info/什么时候开门', 1],
    ]);
    expect(bot?.settings.knowledge).toBe('passages');
    expect(await readFile(join(to, 'knowledge/faq.csv'), 'utf8')).toContain('"opening hours|are you open"');
  });

  it.each([
    ['q,a\n1,2\n', 'the first line names the columns question and answer'],
    ['question,answer\n"never closed,x\n', 'Quote Not Closed'],
  ])('that is none is told so', (table, message) => {
    const { files, notes } = importFaq('faq.csv', table, 'faq', 'en');
    expect(files.size).toBe(0);
    expect(notes[0]?.message).toContain(message);
  });
});

describe('turnstream bot import', () => {
  it.each([
    ['nowhere', 'bots/x', 'there is no nowhere'],
    [join(import.meta.dirname, '../record'), 'bots/x', 'there is no Rasa project'],
    [import.meta.filename, 'bots/x', 'from a folder of Rasa, or from a .csv'],
    [import.meta.dirname, import.meta.dirname, 'is there already'],
  ])('from %s to %s is refused', async (from, to, message) => {
    const { code, err } = await turnstream(['bot', 'import', from, '--to', to]);
    expect([code, err]).toEqual([2, expect.stringContaining(message)]);
  });
});
