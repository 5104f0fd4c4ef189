import { describe, expect, it } from 'vitest';
import { assembleBot } from './assemble.ts';
import { describeIssue } from './error.ts';
import { edited, FILES, textsOf, type Change, type Kind } from './little-bot.ts';
import { MARKS_NEEDED } from './marks.ts';

function complaints(changed: Change): readonly string[] {
  const result = assembleBot(textsOf(changed));
  return 'hash' in result ? [] : result.map(describeIssue);
}

describe('a bot that is wrong is told where and why', () => {
  const cases: readonly (readonly [string, Kind, string, string, string])[] = [
    [
      'unknown intent in NLU',
      'nlu',
      '- intent: track',
      '- intent: trakc',
      'nlu.yml:11:13 unknown intent trakc (did you mean track?)',
    ],
    [
      'unknown intent of a flow',
      'flows',
      'intent: greet',
      'intent: greeet',
      'flows.yml:4:17 unknown intent greeet (did you mean greet?)',
    ],
    [
      'unknown slot',
      'flows',
      'collect: order_number',
      'collect: order_nmber',
      'flows.yml:13:18 unknown slot order_nmber (did you mean order_number?)',
    ],
    [
      'unknown response',
      'flows',
      'action: utter_track',
      'action: utter_trak',
      'flows.yml:14:17 unknown response utter_trak (did you mean utter_track?)',
    ],
    [
      'unknown question',
      'domain',
      'utter_ask_order_number:',
      'utter_ask_order:',
      'flows.yml:13:18 unknown response utter_ask_order_number (did you mean utter_ask_order?)',
    ],
    [
      'unknown action',
      'flows',
      'action_human_handoff',
      'action_human_handof',
      'flows.yml:7:17 unknown action action_human_handof (did you mean action_human_handoff?)',
    ],
    [
      'unknown entity of a slot',
      'domain',
      'entity: order_number',
      'entity: ordernumber',
      'domain.yml:13:17 unknown entity ordernumber (did you mean order_number?)',
    ],
    [
      'unknown entity in an example',
      'nlu',
      '[TS1234](order_number)',
      '[TS1234](order)',
      'nlu.yml:13:7 unknown entity order',
    ],
    [
      'unknown entity of a regex',
      'nlu',
      'regex: order_number',
      'regex: order_numbr',
      'nlu.yml:15:12 unknown entity order_numbr (did you mean order_number?)',
    ],
    [
      'unknown placeholder',
      'domain',
      '{order_number} is',
      '{order_numer} is',
      'domain.yml:25:13 unknown slot {order_numer} (did you mean order_number?)',
    ],
    [
      'unknown intent of a button',
      'domain',
      '/track',
      '/tarck',
      'domain.yml:19:20 unknown intent tarck (did you mean track?)',
    ],
    ['unknown key', 'bot', 'threshold', 'treshold', 'bot.yml:3:1 unknown key treshold (did you mean threshold?)'],
    ['missing key', 'bot', 'threshold', 'treshold', 'bot.yml:1:1 threshold is missing'],
    [
      'unknown nested key',
      'domain',
      'payload: /track',
      'payload: /track\n          colour: red',
      'domain.yml:20:11 unknown key colour',
    ],
    ['wrong type', 'bot', '0.6', 'high', 'bot.yml:3:12 Invalid type: Expected number but received "high"'],
    ['wrong number', 'bot', '0.6', '1.6', 'bot.yml:3:12 from 0 to 1'],
    ['wrong duration', 'bot', '90s', 'soon', 'bot.yml:5:15 a duration such as 90s, 10m or 2h'],
    ['not a language', 'bot', '[en, zh]', '[en, "z h"]', 'bot.yml:2:15 not a BCP 47 language tag'],
    [
      'another language',
      'nlu',
      'language: zh',
      'language: fr',
      'nlu.yml:8:17 fr is not a language of this bot (bot.yml names en, zh)',
    ],
    [
      'no variant in the first language',
      'domain',
      '- text: Which order?',
      '- text: 哪个订单?\n      metadata: { language: zh }',
      'domain.yml:22:3 response utter_ask_order_number has no variant in en',
    ],
    [
      'a response the platform says',
      'domain',
      'utter_default',
      'utter_defaults',
      'domain.yml:15:3 response utter_default is missing (every bot needs it)',
    ],
    [
      'an intent without examples',
      'domain',
      '  - track',
      '  - track\n  - lost',
      'domain.yml:5:5 intent lost has no examples',
    ],
    [
      'an intent declared twice',
      'domain',
      '  - track',
      '  - track\n  - track',
      'domain.yml:5:5 track is declared twice',
    ],
    [
      'an intent with two flows',
      'flows',
      'intent: track',
      'intent: greet',
      'flows.yml:11:17 intent greet already has a flow',
    ],
    [
      'a flow without an answer',
      'flows',
      '      - action: utter_track\n',
      '',
      'flows.yml:13:7 a flow says a response: - action: utter_…',
    ],
    [
      'a step after the end',
      'flows',
      'handoff\n',
      'handoff\n      - collect: order_number\n',
      'flows.yml:8:9 nothing follows the step that ends a flow',
    ],
    ['an empty block', 'nlu', '- DHL', ' ', 'nlu.yml:19:15 lookup carrier has no examples'],
    [
      'an entity nothing finds',
      'nlu',
      '- regex: order_number',
      '- regex: carrier',
      `domain.yml:6:5 nothing finds entity order_number: it has no regex and no lookup (${MARKS_NEEDED})`,
    ],
    [
      'an unknown dimension',
      'domain',
      '  - carrier\n',
      '  - carrier: { dimension: parcel }\n',
      'domain.yml:7:27 a dimension is one of card, id_number, phone, email, url, address, datetime, date, time, money, percentage, duration, ordinal, number',
    ],
    [
      'an unknown detail of an entity',
      'domain',
      '  - carrier\n',
      '  - carrier: { rolls: [a] }\n',
      'domain.yml:7:16 unknown key rolls (did you mean roles?)',
    ],
    [
      'an unknown role in an example',
      'nlu',
      '"value": "DHL"',
      '"value": "DHL", "role": "sender"',
      'nlu.yml:14:7 unknown role sender of entity carrier',
    ],
    [
      'an unknown role of a slot',
      'domain',
      'entity: order_number',
      'entity: order_number\n        role: old',
      'domain.yml:14:15 unknown role old of order_number',
    ],
    [
      'an unknown time zone',
      'bot',
      'threshold',
      'timezone: Asia/Beijing\nthreshold',
      'bot.yml:3:11 not an IANA time zone such as Asia/Shanghai',
    ],
    [
      'a synonym of nothing',
      'nlu',
      'synonym: DHL',
      'synonym: DHLL',
      'nlu.yml:23:7 no lookup lists DHLL, for which this is a synonym',
    ],
    ['the same example twice', 'nlu', '- hello there', '- Hi', 'nlu.yml:5:7 this example already stands under greet'],
    [
      'the same example under two intents',
      'nlu',
      '- where is [TS1234](order_number)',
      '- ｈｉ',
      'nlu.yml:13:7 this example already stands under greet',
    ],
    [
      'a line without a dash',
      'nlu',
      '- hello there',
      'hello there',
      'nlu.yml:5:7 each line begins with "- " (indent with spaces, not tabs)',
    ],
    [
      'a tab before an example',
      'nlu',
      '- hello there',
      '\t- hello there',
      'nlu.yml:5:8 each line begins with "- " (indent with spaces, not tabs)',
    ],
    [
      'a tab as indentation',
      'flows',
      '  greet:',
      '\tgreet:',
      'flows.yml:2:1 Tabs are not allowed as indentation (indent with spaces)',
    ],
    [
      'a duplicate key',
      'bot',
      'threshold: 0.6',
      'name: again\nthreshold: 0.6',
      'bot.yml:3:1 Map keys must be unique (this key stands here twice: keep one)',
    ],
    [
      'a pattern that does not compile',
      'nlu',
      '\\bTS\\d{4}\\b',
      'TS(\\d{4}',
      'nlu.yml:17:7 Invalid regular expression: /TS(\\d{4}/dgiu: Unterminated group',
    ],
    [
      'a pattern without a bound',
      'nlu',
      '\\bTS\\d{4}\\b',
      '(a+)+b',
      'nlu.yml:17:7 the pattern repeats without an upper bound: write {0,20} or {1,20} instead of * or +',
    ],
    [
      'not an entry',
      'nlu',
      '- lookup: carrier',
      '- metadata: {}',
      'nlu.yml:18:5 an entry is one of intent, regex, lookup and synonym',
    ],
    ['nothing at all', 'flows', FILES.flows, '', 'flows.yml:1:1 Invalid type: Expected Object but received null'],
  ];
  it.each(cases)('%s', (_, kind, from, to, expected) => {
    expect(complaints(edited(kind, from, to))).toContain(expected);
  });

  it('all at once, over all files', () => {
    expect(
      complaints({
        ...edited('flows', 'collect: order_number', 'collect: order_nmber'),
        ...edited('nlu', '- hello there', '- hi'),
        ...edited('domain', '/track', '/tarck'),
      }),
    ).toHaveLength(3);
  });

  it('an alias bomb, before it goes off', () => {
    const bomb = Array.from({ length: 9 }, (_, i) => `a${i + 1}: &a${i + 1} [${`*a${i}, `.repeat(9)}]`).join('\n');
    expect(complaints({ bot: `a0: &a0 [x]\n${bomb}\n` })).toEqual([
      'bot.yml:2:10 too many aliases (write out what they stand for)',
    ]);
  });

  it('thousands of brackets', () => {
    expect(complaints({ bot: '['.repeat(50_000) }).length).toBeLessThanOrEqual(20);
    const [first] = complaints({ bot: '['.repeat(50_000) + ']'.repeat(50_000) });
    expect(first).toContain('too deeply nested to be read');
  });
});
