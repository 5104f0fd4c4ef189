import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { parseStrictJson } from './strict-json.ts';

describe('strict JSON', () => {
  it.each([
    ['{"a":1,"a":2}', 'a'],
    ['{"a":{"b":1,"c":[{"d":1,"d":1}]}}', 'a.c.0.d'],
    ['[1,{"x":":","x":""}]', '1.x'],
    ['{"a":1,"\\u0061":2}', 'a'],
    ['{"__proto__":1,"__proto__":2}', '__proto__'],
    ['{"a":{"b":1,"b":2},"a":3}', 'a.b'],
  ])('refuses %s, naming what occurs twice', (text, twice) => {
    expect(parseStrictJson(text)).toEqual({ twice });
  });

  it.each(['', '{', '{"a":1,}', "{'a':1}", '\ufeff{}', 'undefined', '{"a":1}{"b":2}', '[1,2', '"\u0000"'])(
    'refuses %j, which is no JSON',
    (text) => {
      expect(parseStrictJson(text)).toEqual({});
    },
  );

  test.prop([fc.jsonValue()])('reads what JSON.stringify writes', (value) => {
    const text = JSON.stringify(value);
    expect(parseStrictJson(text)).toEqual({ value: JSON.parse(text) as unknown });
  });

  const names = fc.oneof(fc.string(), fc.constantFrom('"', '\\', ':', '{', '\\":', '__proto__'));
  test.prop([names, fc.jsonValue(), fc.jsonValue(), fc.array(names)])(
    'refuses a name that occurs twice, wherever that is',
    (name, first, second, path) => {
      const inner = `{${JSON.stringify(name)}:${JSON.stringify(first)},${JSON.stringify(name)}:${JSON.stringify(second)}}`;
      const text = path.reduceRight((json, outer) => `{${JSON.stringify(outer)}:${json}}`, inner);
      expect(parseStrictJson(text)).toEqual({ twice: [...path, name].join('.') });
    },
  );

  it('does not mind how deep a document is', () => {
    const deep = '['.repeat(30_000) + ']'.repeat(30_000);
    expect('value' in parseStrictJson(deep)).toBe(true);
  });
});
