import { describe, expect, it } from 'vitest';
import { callGreeted, playbackCompleted, playbackInterrupted, playbackResumed } from '../../events/call.ts';
import type { EventId } from '../../events/envelope.ts';
import { PHONE } from '../../shared/session/heard.ts';
import { conversation } from './testing/conversation.ts';
import { DESK_FILES, deskBot } from './testing/desk-bot.ts';

const CALL = '01ARZ3NDEKTSV4RRFFQ69G5FAV' as EventId;

/** What is said in three sentences, what was heard of it, and what is left to say. */
const languages = [
  {
    locale: 'en',
    rules: ['Returns are free for 30 days.', 'Keep the receipt.', 'Refunds take a week.'],
    more: 'Anything else?',
    cut: 'Returns are free for 30 days. Keep the',
    little: 'Returns are',
    question: 'Which order?',
    pardon: 'what?',
  },
  {
    locale: 'zh',
    rules: ['三十天内可以免费退货。', '请保留收据。', '退款需要一周。'],
    more: '还有别的问题吗？',
    cut: '三十天内可以免费退货。 请保',
    little: '三十天内',
    question: '哪个订单？',
    pardon: '什么？',
  },
] as const;

const files = ({ rules, more, locale }: (typeof languages)[number]) => ({
  ...DESK_FILES,
  domain: `${DESK_FILES.domain}${['utter_rules', 'utter_more']
    .map((name, i) => `  ${name}: [{ text: "${[rules.join(locale === 'en' ? ' ' : ''), more][i] ?? ''}" }]\n`)
    .join('')}`,
  flows: `${DESK_FILES.flows}  rules:
    nlu_trigger: [{ intent: thank }]
    steps: [{ action: utter_rules }, { action: utter_more }]
  hello:
    nlu_trigger: [{ intent: greet }]
    steps:
      - noop: true
        next:
          - if: session.heard is not null
            then: [{ action: utter_more }, { collect: order_number }]
          - else: [{ action: utter_thank }]
`
    .replace('  greet:\n    nlu_trigger: [{ intent: greet }]\n    steps: [{ action: utter_greet }]\n', '')
    .replace('  thank:\n    nlu_trigger: [{ intent: thank }]\n    steps: [{ action: utter_thank }]\n', ''),
});

describe.each(languages)('a caller who speaks $locale', (t) => {
  const bot = deskBot(files(t));
  const call = () => {
    const c = conversation(bot, t.locale, PHONE);
    const of = () => c.events.findLast(({ type }) => type === 'turn.replied')?.id as EventId;
    const figures = { call: CALL, heardMs: 900, ofMs: 2_000 };
    const cutOff = (heard: string, at = of()) =>
      c.happen(playbackInterrupted({ ...figures, of: at, heard, reason: 'spoken-over' }));
    return { c, of, cutOff, figures };
  };
  const again = { intent: 'repeat' };
  const sep = t.locale === 'en' ? ' ' : '';
  const all = [t.rules.join(sep), t.more];

  it('is told again what was not heard, from the sentence on that was cut off', () => {
    const { c, cutOff } = call();
    expect(c.say('rules', { intent: 'thank' })).toEqual(all);
    cutOff(t.cut);
    expect(c.say(t.pardon, again)).toEqual([t.rules.slice(1).join(sep), t.more]);
  });

  it('is told everything again where not one sentence was heard, or none at all', () => {
    const { c, cutOff } = call();
    c.say('rules', { intent: 'thank' });
    cutOff(t.little);
    expect(c.say(t.pardon, again)).toEqual(all);
    cutOff('');
    expect(c.say(t.pardon, again)).toEqual(all);
  });

  it('is told a message again that was not reached, and no other', () => {
    const { c, cutOff } = call();
    c.say('rules', { intent: 'thank' });
    cutOff(t.rules.join(' '));
    expect(c.say(t.pardon, again)).toEqual([t.more]);
  });

  it('is told everything again where all of it was heard', () => {
    const { c, of, figures } = call();
    c.say('rules', { intent: 'thank' });
    c.happen(playbackCompleted({ ...figures, of: of() }));
    expect(c.state.told).toBeNull();
    expect(c.say(t.pardon, again)).toEqual(all);
  });

  it('is told everything again where the interruption was none', () => {
    const { c, of, cutOff, figures } = call();
    c.say('rules', { intent: 'thank' });
    cutOff(t.cut);
    c.happen(playbackResumed({ ...figures, of: of() }));
    expect(c.say(t.pardon, again)).toEqual(all);
  });

  it('is told the rest of a greeting that was cut off, where nothing was said after it', () => {
    const { c, cutOff } = call();
    const { locale } = t;
    const messages = [{ text: t.rules.join(sep), buttons: [] }];
    c.happen(callGreeted({ call: CALL, response: 'utter_rules', messages, locale }));
    cutOff(t.cut, c.events.at(-1)?.id);
    expect(c.state.told?.heard?.words).toBe(t.cut);
    expect(c.say(t.pardon, again)).toEqual([t.rules.slice(1).join(sep)]);
  });

  it('is not greeted again where a reply came after it, in an earlier call', () => {
    const { c } = call();
    c.say('rules', { intent: 'thank' });
    const messages = [{ text: 'Hello.', buttons: [] }];
    c.happen(callGreeted({ call: CALL, response: 'utter_more', messages, locale: t.locale }));
    expect(c.say(t.pardon, again)).toEqual(all);
  });

  it('is not told less because an earlier reply was cut off late', () => {
    const { c, of, cutOff } = call();
    c.say('rules', { intent: 'thank' });
    const first = of();
    c.say('rules', { intent: 'thank' });
    cutOff(t.cut, first);
    expect(c.say(t.pardon, again)).toEqual(all);
  });

  it('is told the rest again where the rest was cut off', () => {
    const { c, cutOff } = call();
    c.say('rules', { intent: 'thank' });
    cutOff(t.cut);
    const rest = c.say(t.pardon, again);
    cutOff('');
    expect(c.say(t.pardon, again)).toEqual(rest);
  });

  it('is asked the whole question again that a flow has open', () => {
    const { c, cutOff } = call();
    c.say('track', { intent: 'track' });
    cutOff(t.question.slice(0, 3));
    expect(c.say(t.pardon, again)).toEqual([t.question]);
  });

  it('meets flows that know whether something was cut off', () => {
    const { c, cutOff } = call();
    c.say('rules', { intent: 'thank' });
    cutOff(t.cut);
    expect(c.state.told?.heard?.words).toBe(t.cut);
    expect(c.say('hello', { intent: 'greet' })).toEqual([t.more, t.question]);
  });
});

it('keeps nothing of what is not spoken', () => {
  const c = conversation(deskBot(), 'en');
  c.say('hello', { intent: 'greet' });
  expect(c.state.told).toBeNull();
});
