import { expect, it } from 'vitest';
import { targetsFrom } from './targets.ts';

it('reads a URL for each group', () => {
  const targets = targetsFrom('{"intent": "http://intent.demo.svc/", "reply": "https://gateway/function/reply"}');
  expect([...targets].map(([group, { href }]) => [group, href])).toEqual([
    ['intent', 'http://intent.demo.svc/'],
    ['reply', 'https://gateway/function/reply'],
  ]);
});

it.each([
  ['nothing', ''],
  ['no JSON', 'intent=http://intent'],
  ['a list', '["http://intent"]'],
  ['no group', '{}'],
  ['a URL that is none', '{"intent": "intent:80/x"}'],
  ['another protocol', '{"intent": "ftp://intent/"}'],
  ['a password', '{"intent": "http://user:sesame@intent/"}'],
  ['a query', '{"intent": "http://intent/?key=sesame"}'],
  ['a name that is none', '{"in.tent": "http://intent/"}'],
])('refuses %s, without repeating it', (_what, json) => {
  expect(() => targetsFrom(json)).toThrow(expect.objectContaining({ code: 'config.invalid' }));
  expect(() => targetsFrom(json)).not.toThrow(/sesame|http/u);
});
