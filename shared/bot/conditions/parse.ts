import { compilePattern, patternProblem } from '../pattern.ts';
import { ConditionError, tokensOf, type Token } from './tokens.ts';

/** A value in a condition. */
export type Term =
  | { readonly kind: 'value'; readonly value: string | number | boolean | null }
  /** Something of the conversation, for example `slots.order_number`. */
  | { readonly kind: 'path'; readonly path: string };

/** A condition that was read. */
export type Condition =
  | { readonly kind: 'and' | 'or'; readonly all: readonly Condition[] }
  | { readonly kind: 'not'; readonly of: Condition }
  | { readonly kind: 'is'; readonly left: Term; readonly sign: Sign; readonly right: Term }
  | { readonly kind: 'in'; readonly left: Term; readonly values: readonly Term[] }
  | { readonly kind: 'matches'; readonly left: Term; readonly pattern: RegExp }
  /** Filled, and neither false, nor nothing, nor empty. */
  | { readonly kind: 'holds'; readonly term: Term };

export type Sign = '==' | '!=' | '<' | '<=' | '>' | '>=' | 'contains';

const DEEPEST = 20;
const MOST_VALUES = 100;
const SIGNS: Readonly<Record<string, Sign>> = {
  '=': '==',
  '==': '==',
  '!=': '!=',
  '<': '<',
  '<=': '<=',
  '>': '>',
  '>=': '>=',
  is: '==',
  equals: '==',
  contains: 'contains',
};
const WORDS: Readonly<Record<string, string | number | boolean | null>> = {
  true: true,
  false: false,
  null: null,
  none: null,
  undefined: null,
};
const KEYWORDS = new Set(['and', 'or', 'not', 'in', 'is', 'equals', 'contains', 'matches']);

/**
 * Reads a condition in the language that flows use:
 * `not slots.paid and (slots.amount >= 100 or slots.kind in ["gift", "sample"]) and slots.note is null`.
 * Small and total: there is nothing in it that repeats, calls or assigns. Fails with a ConditionError.
 */
export function parseCondition(source: string): Condition {
  const tokens = tokensOf(source);
  let at = 0;
  const end = tokens.at(-1) as Token;
  const peek = (): Token => tokens[at] ?? end;
  const take = (): Token => {
    const token = peek();
    at += 1;
    return token;
  };
  const word = (text: string): boolean => {
    const { kind, text: is } = peek();
    const found = (kind === 'name' && is.toLowerCase() === text) || (kind === 'sign' && is === text);
    if (found) at += 1;
    return found;
  };
  const expect = (text: string): void => {
    const token = peek();
    if (!word(text)) throw new ConditionError(`expected ${text}, not ${token.text}`, token);
  };

  const list = (kind: 'and' | 'or', item: (depth: number) => Condition, depth: number): Condition => {
    const first = item(depth);
    const all = [first];
    while (word(kind)) all.push(item(depth));
    return all.length === 1 ? first : { kind, all };
  };
  const any = (depth: number): Condition => list('or', both, depth);
  const both = (depth: number): Condition => list('and', one, depth);
  const one = (depth: number): Condition => {
    const token = peek();
    if (depth > DEEPEST) throw new ConditionError('too deeply nested', token);
    if (word('not')) return { kind: 'not', of: one(depth + 1) };
    if (word('(')) {
      const inside = any(depth + 1);
      expect(')');
      return inside;
    }
    return comparison();
  };
  const comparison = (): Condition => {
    const left = term();
    const token = peek();
    if (word('not')) {
      expect('in');
      return { kind: 'not', of: { kind: 'in', left, values: values() } };
    }
    if (word('in')) return { kind: 'in', left, values: values() };
    if (word('matches')) return { kind: 'matches', left, pattern: pattern() };
    const sign = Object.hasOwn(SIGNS, token.text.toLowerCase()) ? SIGNS[token.text.toLowerCase()] : undefined;
    if (!sign || token.kind === 'text') return { kind: 'holds', term: left };
    take();
    const denied = token.text.toLowerCase() === 'is' && word('not');
    return { kind: 'is', left, sign: denied ? '!=' : sign, right: term() };
  };
  const values = (): readonly Term[] => {
    const closing = word('(') ? ')' : (expect('['), ']');
    const all: Term[] = [];
    while (!word(closing)) {
      if (all.length > 0) expect(',');
      if (all.length >= MOST_VALUES) throw new ConditionError(`a list may have ${MOST_VALUES} values`, peek());
      all.push(term());
    }
    return all;
  };
  const pattern = (): RegExp => {
    const token = take();
    if (token.kind !== 'text') throw new ConditionError('expected a pattern in quotes', token);
    const problem = patternProblem(token.text);
    if (problem !== undefined) throw new ConditionError(problem, token);
    // Without places and without a memory of the last match.
    return new RegExp(compilePattern(token.text).source, 'iu');
  };
  const term = (): Term => {
    const token = take();
    switch (token.kind) {
      case 'number':
        return { kind: 'value', value: Number(token.text) };
      case 'text':
        return { kind: 'value', value: token.text };
      case 'name': {
        const lower = token.text.toLowerCase();
        if (Object.hasOwn(WORDS, lower)) return { kind: 'value', value: WORDS[lower] ?? null };
        if (KEYWORDS.has(lower)) throw new ConditionError(`expected a value, not ${token.text}`, token);
        return { kind: 'path', path: token.text };
      }
      case 'sign':
      case 'end':
        throw new ConditionError(`expected a value, not ${token.text}`, token);
    }
  };

  const condition = any(0);
  if (peek().kind !== 'end') throw new ConditionError(`unexpected ${peek().text}`, peek());
  return condition;
}

/** The paths that a condition looks at. */
export function pathsIn(condition: Condition): readonly string[] {
  const of = (term: Term): readonly string[] => (term.kind === 'path' ? [term.path] : []);
  switch (condition.kind) {
    case 'and':
    case 'or':
      return condition.all.flatMap(pathsIn);
    case 'not':
      return pathsIn(condition.of);
    case 'is':
      return [...of(condition.left), ...of(condition.right)];
    case 'in':
      return [...of(condition.left), ...condition.values.flatMap(of)];
    case 'matches':
      return of(condition.left);
    case 'holds':
      return of(condition.term);
  }
}
