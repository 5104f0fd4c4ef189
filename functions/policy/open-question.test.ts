import { describe, expect, it } from 'vitest';
import { answerFailed, passagesFound } from '../../events/outside.ts';
import type { EventId } from '../../events/envelope.ts';
import { conversation, type Heard } from './testing/conversation.ts';
import { DESK_FILES, deskBot } from './testing/desk-bot.ts';

/** A bot of which a yes and a no begin something, too, where nothing was asked. */
const said = (intent: string): string =>
  `  ${intent}:\n    nlu_trigger: [{ intent: ${intent} }]\n    steps: [{ action: utter_thank }]\n`;
const bot = deskBot({ flows: `${DESK_FILES.flows}${said('affirm')}${said('deny')}` });
const languages = [
  {
    locale: 'en',
    long: 'about two weeks',
    which: 'Which order?',
    howMuch: 'How much?',
    cannotUse: 'I cannot use “about two weeks” here.',
    clarify: 'I am not quite sure what you mean. Is it one of these?',
    pardon: 'Pardon?',
    takesOver: 'A colleague takes over.',
    onItsWay: 'Parcel TS0001 is on its way.',
    noThanks: 'no thanks',
    notRefunded: 'Nothing was refunded.',
    thanks: 'You are welcome.',
  },
  {
    locale: 'zh',
    long: '大概两周',
    which: '哪个订单？',
    howMuch: '多少钱？',
    cannotUse: '“大概两周”在这里用不了。',
    clarify: '我不太确定您的意思，您是想办理下面哪一项？',
    pardon: '没听懂。',
    takesOver: '转人工。',
    onItsWay: '包裹 TS0001 在路上。',
    noThanks: '不用了谢谢',
    notRefunded: '没有退款。',
    thanks: '不客气。',
  },
] as const;

/** Neither is recognised, and they are as likely as one another. */
const FAINT: Heard = {
  others: [
    { intent: 'track', confidence: 0.55 },
    { intent: 'refund', confidence: 0.52 },
  ],
};
/** One is recognised, and another is as likely. */
const CLOSE: Heard = { intent: 'track', confidence: 0.62, others: [{ intent: 'invoice', confidence: 0.58 }] };

describe.each(languages)('an open question, in $locale', (t) => {
  const asked = (intent: string, heard: Heard = {}) => {
    const c = conversation(bot, t.locale);
    c.say(intent, { intent, ...heard });
    return c;
  };
  const forAmount = () => asked('refund', { entities: { order_number: 'TS0001' } });
  const forSure = () => asked('refund', { entities: { order_number: 'TS0001', amount: '20' } });

  it('is put again where its answer is refused, and nothing else is asked', () => {
    const c = forAmount();
    expect(c.say(t.long, FAINT)).toEqual([t.cannotUse, t.howMuch]);
    expect(c.decided).toMatchObject({
      act: { kind: 'ask', slot: 'amount', again: true },
      why: { rule: 'value-refused' },
    });
  });

  it('is put again where a value is refused and it is unclear what else could be meant', () => {
    const c = forAmount();
    const told = c.say(t.long, { ...CLOSE, entities: { amount: 'two weeks' } });
    expect(told.at(-1)).toBe(t.howMuch);
    expect(c.decided.why.rule).toBe('value-refused');
  });

  it('is put again where nothing in the message fills it, and nothing is recognised', () => {
    const c = asked('track');
    expect(c.say(t.long, FAINT)).toEqual([t.pardon, t.which]);
    expect(c.decided.says.flatMap(({ options = [] }) => options)).toEqual([]);
  });

  it('gives way to a choice between wishes of which one is recognised', () => {
    const c = asked('note');
    expect(c.say('my order', { ...CLOSE, intent: 'refund' })).toEqual([t.clarify]);
    expect(c.buttons.map(({ payload }) => payload)).toEqual(['/refund', '/invoice']);
  });

  it('is put again after a message that is not understood, with its reminder', () => {
    const c = asked('track');
    expect(c.say('mumble')).toEqual([t.pardon, t.which]);
    expect(c.decided).toMatchObject({
      act: { kind: 'ask', slot: 'order_number', flow: 'order', again: true },
      timer: { purpose: 'silence' },
      why: { rule: 'not-understood' },
    });
    expect(c.say('TS0001', { entities: { order_number: 'TS0001' } })).toEqual([t.onItsWay]);
  });

  it('is put again after each miss until there is one too many, and a right answer starts the count anew', () => {
    const c = asked('track');
    expect(c.say('mumble')).toEqual([t.pardon, t.which]);
    expect(c.say('mumble')).toEqual([t.pardon, t.which]);
    expect(c.state.misses).toBe(2);
    expect(c.say('mumble')).toEqual([t.takesOver]);
    expect(c.decided.why.rule).toBe('misses');
    const d = forAmount();
    d.say(t.long);
    d.say('20', { entities: { amount: '20' } });
    expect(d.state.misses).toBe(0);
  });

  it('counts a refused answer and one that is not understood alike', () => {
    const c = forSure();
    c.say('mumble');
    expect(c.state.misses).toBe(1);
    c.say('mumble');
    expect(c.say('mumble')).toEqual([t.takesOver]);
  });

  it('is put again where the articles have no answer either', () => {
    const knowing = conversation(deskBot({ bot: `${DESK_FILES.bot}knowledge: passages\n` }), t.locale);
    knowing.say('track', { intent: 'track' });
    expect(knowing.say('mumble')).toEqual([]);
    const over = { causation: knowing.decided.id, turn: knowing.state.pending?.turn as EventId };
    const nothing = passagesFound({ passages: [], answered: false, model: 'm' });
    expect(knowing.happen(nothing, over)).toEqual([t.pardon, t.which]);
    expect(knowing.state).toMatchObject({ misses: 1, asking: { slot: 'order_number' } });
    expect(knowing.decided.why.rule).toBe('outside-done');
    knowing.say('mumble');
    const again = { causation: knowing.decided.id, turn: knowing.state.pending?.turn as EventId };
    expect(knowing.happen(answerFailed({ reason: 'unreachable' }), again)).toEqual([t.pardon, t.which]);
  });

  it('is closed by a no, however near thanks are to it', () => {
    const c = forSure();
    const heard = { intent: 'deny', confidence: 1, others: [{ intent: 'thank', confidence: 0.9 }] };
    expect(c.say(t.noThanks, heard)).toEqual([t.notRefunded]);
  });
});

describe.each(languages)('what is near a wish, in $locale', (t) => {
  const talk = () => conversation(bot, t.locale);

  it('is no second wish beside an exact example', () => {
    const heard = { intent: 'thank', confidence: 1, others: [{ intent: 'track', confidence: 0.8 }] };
    expect(talk().say(t.noThanks, heard)).toEqual([t.thanks]);
    expect(talk().say(t.noThanks, { ...heard, confidence: 0.99 })).toEqual([t.thanks, t.which]);
  });

  it.each(['thank', 'greet', 'goodbye', 'affirm', 'deny', 'cancel_flow', 'repeat'])(
    'is no second wish where it is %s',
    (intent) => {
      const c = talk();
      const heard = { intent: 'track', confidence: 0.8, others: [{ intent, confidence: 0.5 }] };
      expect(c.say('parcel', { ...heard, entities: { order_number: 'TS0001' } })).toEqual([t.onItsWay]);
      expect(c.decided).toMatchObject({ act: { kind: 'respond' }, stack: [], why: { rule: 'flow' } });
    },
  );

  it('does not hide the second wish behind it', () => {
    const others = [
      { intent: 'thank', confidence: 0.5 },
      { intent: 'refund', confidence: 0.45 },
    ];
    const heard = { intent: 'track', confidence: 0.8, others, entities: { order_number: 'TS0001' } };
    expect(talk().say('parcel, and refund', heard)).toEqual([t.onItsWay, t.howMuch]);
  });

  it.each(['affirm', 'deny', 'correct', 'repeat'])('is not offered where it is %s', (intent) => {
    const c = talk();
    const others = [
      { intent, confidence: 0.61 },
      { intent: 'track', confidence: 0.58 },
    ];
    expect(c.say('hm', { intent: 'refund', confidence: 0.62, others })).toEqual([t.clarify]);
    expect(c.buttons.map(({ payload }) => payload)).toEqual(['/refund', '/track']);
    const two = [
      { intent, confidence: 0.56 },
      { intent: 'refund', confidence: 0.54 },
    ];
    expect(talk().say('hm', { others: two })).toEqual([t.pardon]);
  });
});
