import type { Condition, Sign, Term } from './parse.ts';

/** What a path stands for: a slot's value as text, or something that the platform knows; null where there is nothing. */
export type Lookup = (path: string) => string | number | boolean | null;

type Value = ReturnType<Lookup>;

/** A pattern is tried on no more than this. */
const LONGEST_TEXT = 1_000;

/** Whether a condition holds. Always comes to an end, and never throws. */
export function holds(condition: Condition, lookup: Lookup): boolean {
  const valueOf = (term: Term): Value => (term.kind === 'value' ? term.value : lookup(term.path));
  switch (condition.kind) {
    case 'and':
      return condition.all.every((it) => holds(it, lookup));
    case 'or':
      return condition.all.some((it) => holds(it, lookup));
    case 'not':
      return !holds(condition.of, lookup);
    case 'is':
      return compare(valueOf(condition.left), condition.sign, valueOf(condition.right));
    case 'in': {
      const left = valueOf(condition.left);
      return condition.values.some((it) => compare(left, '==', valueOf(it)));
    }
    case 'matches': {
      const left = valueOf(condition.left);
      return left !== null && condition.pattern.test(String(left).slice(0, LONGEST_TEXT));
    }
    case 'holds': {
      const value = valueOf(condition.term);
      return value !== null && value !== false && value !== 'false' && value !== '' && value !== 0;
    }
  }
}

function compare(left: Value, sign: Sign, right: Value): boolean {
  // Slots hold texts, which are taken as numbers where they are measured. Equal are 7 and "07", but not "7" and "07".
  const [a, b] = [numberOf(left), numberOf(right)];
  switch (sign) {
    case '==':
      return typeof left === 'number' || typeof right === 'number'
        ? a !== undefined && a === b
        : textOf(left) === textOf(right);
    case '!=':
      return !compare(left, '==', right);
    case 'contains':
      return left !== null && right !== null && (textOf(left) ?? '').includes(textOf(right) ?? '');
    case '<':
      return a !== undefined && b !== undefined && a < b;
    case '<=':
      return a !== undefined && b !== undefined && a <= b;
    case '>':
      return a !== undefined && b !== undefined && a > b;
    case '>=':
      return a !== undefined && b !== undefined && a >= b;
  }
}

const textOf = (value: Value): string | null => (value === null ? null : String(value).toLowerCase());

function numberOf(value: Value): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string' || !/^-?\d{1,15}(?:\.\d{1,9})?$/u.test(value)) return undefined;
  return Number(value);
}
