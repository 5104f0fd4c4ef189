import { fc, it as property } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { holds } from './evaluate.ts';
import { parseCondition, pathsIn } from './parse.ts';
import { ConditionError } from './tokens.ts';

const SLOTS: Readonly<Record<string, string>> = {
  amount: '50',
  kind: 'Gift',
  number: 'TS0001',
  paid: 'false',
  zero: '0',
};
const lookup = (path: string) => SLOTS[path.slice('slots.'.length)] ?? null;
const is = (source: string) => holds(parseCondition(source), lookup);

describe('a condition', () => {
  it.each([
    'slots.amount > 49 and slots.amount <= 50',
    'slots.amount = 50',
    'slots.amount == 50.0',
    'slots.kind == "gift"',
    "slots.kind is 'GIFT'",
    'slots.kind is not "sample"',
    'slots.kind in ["sample", "gift"]',
    'slots.kind not in ("a", "b")',
    'slots.kind contains "if"',
    'slots.missing is null',
    'slots.kind is not null',
    'not slots.missing',
    'not slots.paid',
    'slots.paid == false',
    'slots.number matches "^TS\\d{4}$"',
    'slots.missing or slots.kind',
    'not (slots.missing and slots.kind)',
    'slots.zero',
    'true or slots.a and slots.b',
  ])('%s holds', (source) => {
    expect(is(source)).toBe(true);
  });

  it.each([
    'slots.amount < 50',
    'slots.missing > 0',
    'slots.kind > 1',
    'slots.number == 1',
    '"07" == "7"',
    'slots.paid',
    'slots.missing matches "a"',
    'slots.missing contains "a"',
    'slots.kind in []',
    '(true or slots.a) and slots.b',
  ])('%s does not hold', (source) => {
    expect(is(source)).toBe(false);
  });

  it.each([
    ['slots.amount >', 1, 15, 'expected a value, not the end'],
    ['slots.amount > 1 2', 1, 18, 'unexpected 2'],
    ['(slots.amount', 1, 14, 'expected ), not the end'],
    ['slots.a and\n  and slots.b', 2, 3, 'expected a value, not and'],
    ['slots.a in 5', 1, 12, 'expected [, not 5'],
    ['slots.a matches "(a+)+$"', 1, 17, 'the pattern repeats without an upper bound'],
    ['slots.a & slots.b', 1, 9, 'unexpected &'],
    ['process.exit(1)', 1, 13, 'unexpected ('],
    ['', 1, 1, 'expected a value, not the end'],
    ['('.repeat(30), 1, 22, 'too deeply nested'],
    ['not '.repeat(200), 1, 85, 'too deeply nested'],
    ['a'.repeat(2_000), 1, 1, 'a condition may have 1000 characters'],
  ])('%j is refused at %i:%i', (source, line, column, message) => {
    const error = (() => {
      try {
        return parseCondition(source);
      } catch (thrown) {
        return thrown;
      }
    })();
    expect(error).toBeInstanceOf(ConditionError);
    expect(error).toMatchObject({ line, column, message: expect.stringContaining(message) as string });
  });

  it('says what it looks at', () => {
    expect(pathsIn(parseCondition('slots.a and not (slots.b in [slots.c]) or outcome.failed'))).toEqual([
      'slots.a',
      'slots.b',
      'slots.c',
      'outcome.failed',
    ]);
  });

  const word = fc.constantFrom(
    'slots.amount',
    'slots.x',
    '1',
    '"a"',
    'and',
    'or',
    'not',
    'in',
    '[',
    ']',
    '(',
    ')',
    '=',
    '<',
    'null',
    ',',
    'matches',
  );
  property.prop([fc.array(word, { maxLength: 30 }).map((words) => words.join(' '))])(
    'comes to an answer or to an error that says where, whatever it is',
    (source) => {
      try {
        expect(typeof is(source)).toBe('boolean');
      } catch (error) {
        expect(error).toBeInstanceOf(ConditionError);
      }
    },
  );
});
