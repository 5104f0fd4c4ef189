import { describe, expect, it } from 'vitest';
import { compilePattern, patternProblem } from './pattern.ts';

describe('a pattern', () => {
  it.each([
    'TS\\d{8}',
    '(?<!\\w)(?!1[3-9]\\d{9}\\b)\\d{8,12}(?!\\w)',
    '订单号?[::\\s]{0,3}([A-Z]{2}\\d{6,10})',
    '\\p{Lu}{2}\\u{31}?[^\\]a-z]{1,20}',
    '(?:DHL|UPS|FedEx) ?\\d{4,20}',
    '(?<year>20\\d{2})-(?:0?[1-9]|1[0-2])',
    '[\\w.]{1,32}@[\\w.]{1,32}\\.[a-z]{2,6}',
  ])('is trusted when its repetitions are bounded: %s', (source) => {
    expect(patternProblem(source)).toBeUndefined();
  });

  it.each([
    ['(a+)+$', /upper bound/],
    ['\\d*x', /upper bound/],
    ['a{2,}', /upper bound/],
    ['(?:a|b)*?c', /upper bound/],
    ['(a{1,10}){1,10}$', /backtrack/],
    ['(a|a){20}$', /backtrack/],
    ['(a?){30}b', /backtrack/],
    ['a{0,50}a{0,50}a{0,50}b', /backtrack/],
    ['\\d{999999}', /backtrack/],
    ['a?', /empty/],
    ['', /empty/],
    ['(', /Unterminated/],
    ['\\k<nobody>(?<somebody>a)', /Invalid/],
    ['x'.repeat(501), /500/],
  ])('is refused otherwise: %s', (source, reason) => {
    expect(patternProblem(source)).toMatch(reason);
  });

  it('that is trusted reads 10,000 characters in no time', () => {
    const costly = '[\\w.]{1,12}@?[\\w.]{1,12}\\.[a-z]{2,6}!';
    expect(patternProblem(costly)).toBeUndefined();
    const started = performance.now();
    expect([...'a.'.repeat(5_000).matchAll(compilePattern(costly))]).toEqual([]);
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});
