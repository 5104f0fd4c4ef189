import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeIssue } from '../../bot/error.ts';
import { checkData } from './check.ts';
import { readCsv } from './csv.ts';
import { MOST_EXAMPLES, type TrainingData } from './example.ts';
import { readJsonLines } from './jsonl.ts';
import { readRasa } from './rasa.ts';
import { readTrainingData } from './read.ts';

const told = ({ problems }: TrainingData) => problems.map((it) => `${it.severity} ${describeIssue(it)}`);
const RASA = `version: "3.1"
nlu:
  - intent: track
    examples: |
      - where is [TS1](order_number)
      - 😀 from [DHL]{"entity": "carrier", "value": "dhl", "role": "from", "group": "1"}
  - synonym: dhl
    examples: |
      - yellow ones
`;

describe('Rasa NLU files', () => {
  it('give examples with entities in code points, and keep what is for entities', () => {
    const { examples, entityLines, problems } = readRasa('nlu.yml', RASA);
    expect(problems).toEqual([]);
    expect(examples).toEqual([
      {
        text: 'where is TS1',
        intent: 'track',
        entities: [{ entity: 'order_number', start: 9, end: 12, value: 'TS1' }],
        file: 'nlu.yml',
        line: 5,
      },
      {
        text: '😀 from DHL',
        intent: 'track',
        entities: [{ entity: 'carrier', start: 7, end: 10, value: 'dhl', role: 'from', group: '1' }],
        file: 'nlu.yml',
        line: 6,
      },
    ]);
    expect(entityLines).toEqual([{ kind: 'synonym', name: 'dhl', text: 'yellow ones' }]);
  });

  it.each([
    ['nlu: 5', '1:1 there is no list nlu in this file'],
    ['nlu:\n  - intent: a\n', '2:5 intent a has no examples (write examples: |)'],
    ['nlu:\n  - intent: a\n    examples: ""\n', '3:15 intent a has no examples'],
    [
      'nlu:\n  - intent: a\n    examples: |\n      x\n',
      '4:7 each line begins with "- " (indent with spaces, not tabs)',
    ],
    ['nlu:\n  - intent: a\n    examples: |\n      - [x]{"a": 1}\n', '4:7 this annotation cannot be read'],
    ['nlu: [', '1:7 Flow sequence in block collection'],
  ])('say where %j is wrong', (text, message) => {
    expect(told(readRasa('a.yml', text))[0]).toContain(`error a.yml:${message}`);
  });
});

describe('JSON lines and CSV', () => {
  it('give the same examples', () => {
    const lines = readJsonLines('a', '{"text":"hi \\"you\\"","intent":"greet"}\n\n{"text":"a,b","intent":"x"}\n');
    const rows = readCsv('a', 'intent,text,locale\ngreet,"hi ""you""",en\n\nx,"a,b",en\n');
    expect(lines.problems).toEqual([]);
    expect(rows.problems).toEqual([]);
    expect(rows.examples.map(({ text, intent }) => [text, intent])).toEqual([
      ['hi "you"', 'greet'],
      ['a,b', 'x'],
    ]);
    expect(lines.examples.map(({ text, intent }) => [text, intent])).toEqual([
      ['hi "you"', 'greet'],
      ['a,b', 'x'],
    ]);
  });

  it('take slots of published sets, which count UTF-16 units', () => {
    const row = { text: '😀 to Bonn', intent: 'a', slots: [{ entity: 'city', start: 6, end: 10, value: 'Bonn' }] };
    expect(readJsonLines('a', JSON.stringify(row)).examples[0]?.entities).toEqual([
      { entity: 'city', start: 5, end: 9, value: 'Bonn' },
    ]);
  });

  it('name the line of what is wrong', () => {
    expect(told(readJsonLines('a', '{"text":"a","intent":"b"}\nnonsense\n{"text":1,"intent":"b"}'))).toEqual([
      'error a:2:1 this line is not JSON',
      'error a:3:1 text: Invalid type: Expected string but received 1',
    ]);
    expect(told(readCsv('a', 'text,intent\n"a\nb",c\nd,e,f\n"open,x'))).toEqual([
      'error a:5:1 the quotation mark of this row is never closed',
      'error a:4:1 this row has 3 cells, the first line 2',
      'error a:5:1 this row has 1 cells, the first line 2',
    ]);
    expect(told(readCsv('a', 'utterance,label\na,b'))).toEqual([
      'error a:1:1 the first line names the columns text and intent (text,intent)',
    ]);
  });
});

const row = (text: string, intent: string, more: object = {}) => JSON.stringify({ text, intent, ...more });
const checked = (...rows: readonly string[]) => checkData([readJsonLines('a', rows.join('\n'))]);

describe('the whole', () => {
  it('keeps the first of a sentence under two intents, and says so', () => {
    const data = checked(
      row('Hello!', 'greet'),
      row('hi', 'greet'),
      row('hello', 'bye'),
      row('ciao', 'bye'),
      row('see you', 'bye'),
    );
    expect(data.examples.map(({ text }) => text)).toEqual(['Hello!', 'hi', 'ciao', 'see you']);
    expect(told(data)).toEqual(['warning a:3:1 this sentence already stands under greet (a:1); left out here']);
  });

  it('warns of an intent with one example', () => {
    expect(told(checked(row('a', 'one'), row('b', 'two'), row('c', 'two')))).toEqual([
      'warning a:1:1 intent one has one example only (give it ten or more)',
    ]);
  });

  it('leaves out entities that overlap or lie outside', () => {
    const entities = [
      [0, 2],
      [1, 3],
      [2, 9],
      [3, 3],
    ].map(([start, end]) => ({ entity: 'e', start, end }));
    const data = checked(row('abcd', 'x', { entities }), row('b', 'x'));
    expect(data.examples[0]?.entities).toEqual([{ entity: 'e', start: 0, end: 2, value: 'ab' }]);
    expect(told(data)).toEqual([
      'warning a:1:2 the entity e overlaps another one; left out',
      'warning a:1:3 the entity e lies outside of the text; left out',
      'warning a:1:4 the entity e lies outside of the text; left out',
    ]);
  });

  it('refuses what is empty, too long or too much', () => {
    expect(told(checked(row(' ', 'x'), row('a', ''), row('a'.repeat(1_001), 'x')))).toEqual([
      'error a:1:1 this example has no text',
      'error a:2:1 this example has no intent',
      'error a:3:1 an example may have 1000 characters',
    ]);
    const rows = Array.from({ length: MOST_EXAMPLES + 1 }, (_, i) => row(`a ${i}`, 'x'));
    expect(told(checked(...rows))).toEqual([
      `error a:${MOST_EXAMPLES + 1}:1 there are 100001 examples, and at most 100000 can be learned from`,
    ]);
  });
});

describe('files', () => {
  let dir: string;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'data-'));
    await writeFile(join(dir, 'bom.csv'), '\ufefftext,intent\nhi,greet\n');
    await writeFile(join(dir, 'wide.csv'), Buffer.from('\ufefftext,intent', 'utf16le'));
    await writeFile(join(dir, 'latin.jsonl'), Buffer.from('{"text":"Grü\u00dfe","intent":"a"}', 'latin1'));
    await writeFile(join(dir, 'notes.txt'), 'nothing');
  });
  afterAll(() => rm(dir, { recursive: true }));

  it('of a wrong encoding are refused, with a byte order mark they are not', async () => {
    const messages = told(await readTrainingData([dir])).map((it) => it.replaceAll(dir, ''));
    expect(messages).toEqual([
      'error /latin.jsonl:1:1 this file is not UTF-8 text (save it as UTF-8)',
      'error /wide.csv:1:1 this file is not UTF-8 text but UTF-16 (save it as UTF-8)',
      'warning /bom.csv:2:1 intent greet has one example only (give it ten or more)',
    ]);
  });

  it('of another kind, and those that are not there, are refused', async () => {
    const messages = told(await readTrainingData([join(dir, 'notes.txt'), join(dir, 'none.csv')]));
    expect(messages.map((it) => it.replaceAll(dir, ''))).toEqual([
      'error /notes.txt:1:1 training data is .yml (Rasa NLU), .jsonl or .csv',
      'error /none.csv:1:1 there is no such file',
    ]);
  });

  it('of the demo bot are without a fault', async () => {
    const { examples, problems } = await readTrainingData([join(import.meta.dirname, '../../../bots/shop-helpdesk')]);
    expect(problems.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(examples.length).toBeGreaterThan(1_000);
  });
});
