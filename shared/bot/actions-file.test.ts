import { describe, expect, it } from 'vitest';
import { actingBot } from '../../functions/action/testing.ts';
import { parseBot } from './parse.ts';

/** What is said about an `actions.yml`. */
function complaint(lines: string): string {
  try {
    actingBot({ actions: `actions:\n${lines}` });
    return '';
  } catch (error) {
    return (error as Error).message;
  }
}

const actions = (url: string) => `actions:\n  action_refund: { url: ${url}, body: { order: "{order_number}" } }\n`;

describe('actions.yml', () => {
  it('is part of the bot, and of its hash', () => {
    const one = actingBot({ actions: actions('/refunds') });
    const two = actingBot({ actions: actions('/refund') });
    expect(one.hash).not.toBe(two.hash);
    expect(one.actions).toEqual([
      {
        name: 'action_refund',
        method: 'POST',
        url: '/refunds',
        body: { order: '{order_number}' },
        slots: {},
        timeoutMs: 3_000,
        retries: 0,
      },
    ]);
    expect(parseBot(JSON.stringify(one))).toEqual(one);
  });

  it.each([
    ['  action_refnd: { url: /x }', '2:3 domain.yml declares no action action_refnd (did you mean action_refund?)'],
    ['  action_refund: { url: "/x/{order_numbr}" }', '2:25 unknown slot order_numbr (did you mean order_number?)'],
    ['  action_refund: { url: /x, body: { a: ["{nope}"] } }', '2:35 unknown slot nope'],
    ['  action_refund: { url: /x, set_slots: { stats: /a } }', '2:49 unknown slot stats (did you mean status?)'],
    ['  action_refund: { url: /x, set_slots: { status: a.b } }', 'a JSON pointer such as /order/status'],
    ['  action_refund: { url: /x, statuses: { 200: { status: ok } } }', 'a status is a number from 400 to 599'],
    [
      '  action_refund: { url: "https://{city}.example/x" }',
      'the server of an address is not filled in, and has no user',
    ],
    [
      '  action_refund: { url: "https://a:b@c.example/x" }',
      'the server of an address is not filled in, and has no user',
    ],
    ['  action_refund: { url: //c.example/x }', 'an address is a path such as'],
    ['  action_refund: { url: "file:///etc/passwd" }', 'an address is a path such as'],
    ['  action_refund: { url: /x, method: TRACE }', 'a method is one of GET, POST, PUT, PATCH, DELETE'],
    ['  action_refund: { url: /x, method: GET, body: {} }', 'GET has no body'],
    ['  action_refund: { url: /x, headers: { Host: a } }', 'the platform sets Host itself'],
    ['  action_refund: { url: /x, headers: { "a b": c } }', 'not the name of a header'],
    ['  action_refund: { url: /x, headers: { a: "b\\r\\nc: d" } }', 'not the value of a header'],
    [
      '  action_refund: { url: /x, timeout: 5s }',
      '2:38 an action may take 3999 ms at most (action_timeout in bot.yml ends all waiting)',
    ],
    ['  action_refund: { url: /x, retries: 9 }', 'at most 3'],
    ['  action_refund: { url: /x, answer: true }', 'a JSON Schema is an object'],
    ['  action_refund: { url: /x, answer: { type: strin } }', 'not a JSON Schema that can be used'],
    ['  action_refund: { url: /x, answer: { requird: [a] } }', 'unknown keyword: "requird"'],
    ['  action_refund: { url: /x, answer: { $ref: "https://a.example/s" } }', "can't resolve reference"],
    ['  action_refund: { url: /x, answer: { type: string, pattern: "(a+)+b" } }', 'repeats without an upper bound'],
    ['  action_refund: { url: /x, answer: { patternProperties: { "(a+)+b": {} } } }', 'repeats without an upper bound'],
    ['  action_refund: { url: /x, retires: 1 }', 'unknown key retires (did you mean retries?)'],
  ])('is refused, with the place and a hint: %s', (line, said) => {
    expect(complaint(line)).toContain(said);
  });
});
