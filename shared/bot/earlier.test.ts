import { describe, expect, it } from 'vitest';
import { contentHash } from './canonical.ts';
import { parseBot } from './parse.ts';

const content = {
  name: 'old',
  locales: ['en'],
  intents: [{ name: 'bye', examples: [{ locale: 'en', text: 'bye' }] }],
  entities: [{ name: 'order_number', patterns: ['TS\\d{4}'], words: [] }],
  flows: [
    { intent: 'bye', collect: [], then: { kind: 'close', response: 'utter_bye' } },
    {
      intent: 'track',
      collect: [{ slot: 'order_number', ask: 'utter_ask' }],
      then: { kind: 'respond', response: 'utter_track' },
    },
  ],
  responses: { utter_bye: [{ locale: 'en', text: 'Bye!', buttons: [] }] },
  settings: { threshold: 0.6, missesBeforeHandOff: 2 },
};

describe('a bot that was published before flows had steps', () => {
  const hash = contentHash(content);

  it('is read as one of today, under the hash that sessions know it by', () => {
    const bot = parseBot({ ...content, hash });
    expect(bot.hash).toBe(hash);
    expect(bot.slots).toEqual([
      { name: 'order_number', type: 'text', fill: [{ from: 'entity', entity: 'order_number' }] },
    ]);
    expect(bot.flows.map(({ id, steps }) => [id, steps.map(({ kind }) => kind)])).toEqual([
      ['bye', ['say', 'action']],
      ['track', ['collect', 'say']],
    ]);
  });

  it('is refused when it is not what its hash says', () => {
    expect(() => parseBot({ ...content, name: 'other', hash })).toThrow('not a valid bot');
  });
});
