import { describe, expect, it } from 'vitest';
import { assembleBot } from './assemble.ts';
import type { Bot } from './bot.ts';
import { describeIssue } from './error.ts';
import { edited, FILES, textsOf, type Change } from './little-bot.ts';

function assembled(changed: Change = {}): Bot {
  const result = assembleBot(textsOf(changed));
  if ('hash' in result) return result;
  throw new Error(result.map(describeIssue).join('\n'));
}

describe('a bot that is right', () => {
  it('has its examples without annotations, each in its language', () => {
    expect(assembled().intents).toEqual([
      {
        name: 'greet',
        examples: [
          { locale: 'en', text: 'hello there' },
          { locale: 'en', text: 'hi' },
          { locale: 'zh', text: '你好' },
        ],
      },
      {
        name: 'track',
        examples: [
          { locale: 'en', text: 'is it with the yellow ones' },
          { locale: 'en', text: 'where is TS1234' },
        ],
      },
    ]);
  });

  it('gives synonyms and annotated values to the entity that has the value', () => {
    expect(assembled().entities).toEqual([
      {
        name: 'carrier',
        patterns: [],
        words: [
          { word: 'DHL', value: 'DHL' },
          { word: 'the yellow ones', value: 'DHL' },
          { word: '敦豪', value: 'DHL' },
        ],
      },
      { name: 'order_number', patterns: ['\\bTS\\d{4}\\b'], words: [] },
    ]);
  });

  it('has flows, responses and settings', () => {
    const { flows, responses, settings } = assembled();
    expect(flows).toEqual([
      {
        id: 'greet',
        intents: ['greet'],
        steps: [
          { id: '0_utter_greet', kind: 'say', response: 'utter_greet', next: [{ to: '1_action_human_handoff' }] },
          { id: '1_action_human_handoff', kind: 'action', action: 'action_human_handoff', next: [] },
        ],
      },
      {
        id: 'track',
        intents: ['track'],
        steps: [
          {
            id: '0_collect_order_number',
            kind: 'collect',
            slot: 'order_number',
            ask: 'utter_ask_order_number',
            next: [{ to: '1_utter_track' }],
          },
          { id: '1_utter_track', kind: 'say', response: 'utter_track', next: [] },
        ],
      },
    ]);
    expect(responses['utter_greet']).toEqual([
      { locale: 'en', text: 'Hello!', buttons: [{ title: 'Track', payload: '/track' }] },
      { locale: 'zh', text: '你好!', buttons: [] },
    ]);
    expect(settings).toEqual({ threshold: 0.6, missesBeforeHandOff: 2, remindAfterMs: 90_000 });
  });

  it('never reminds where no time is given', () => {
    expect(assembled(edited('bot', 'remind_after: 90s\n', '')).settings).not.toHaveProperty('remindAfterMs');
  });
});

describe('the hash', () => {
  const { hash } = assembled();
  it('is 32 hexadecimal digits', () => {
    expect(hash).toMatch(/^[0-9a-f]{32}$/);
  });

  it('does not depend on how the files are laid out', () => {
    const [first = '', ...rest] = FILES.nlu.split(/(?=^ {2}- )/m);
    const same: readonly Change[] = [
      { nlu: [first, ...rest.toReversed()].join('') },
      { bot: FILES.bot.trim().split('\n').toReversed().join('\n') },
      { bot: '# a comment\n' + FILES.bot.replace('[en, zh]', '\n  - en\n  - zh') },
      edited('domain', '  - greet\n  - track\n', '  - track\n  - greet\n'),
      edited('bot', '90s', '90s # and a half'),
    ];
    expect(same.map((change) => assembled(change).hash)).toEqual(same.map(() => hash));
  });

  it('depends on everything that changes what the bot does', () => {
    const other: readonly Change[] = [
      edited('bot', 'little', 'large'),
      edited('bot', '0.6', '0.7'),
      edited('bot', '90s', '91s'),
      edited('bot', '[en, zh]', '[en, zh, fr]'),
      edited('nlu', '- hi\n', '- hi!!\n'),
      edited('nlu', '\\d{4}', '\\d{5}'),
      edited('domain', 'Pardon?', 'Pardon me?'),
      edited('domain', 'title: Track', 'title: Follow'),
      edited('flows', '      - action: action_human_handoff\n', ''),
    ];
    const hashes = other.map((change) => assembled(change).hash);
    expect(new Set([hash, ...hashes]).size).toBe(other.length + 1);
  });
});
