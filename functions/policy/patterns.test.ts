import { describe, expect, it } from 'vitest';
import { sessionResumed } from '../../events/session.ts';
import { conversation, type Heard } from './testing/conversation.ts';
import { DESK_FILES, deskBot } from './testing/desk-bot.ts';

const bot = deskBot();
const number = (order_number: string): Heard => ({ entities: { order_number } });

/** The same conversation in both languages: what is said, and what the bot answers. */
const languages = [
  {
    locale: 'en',
    track: 'where is my parcel',
    which: 'Which order?',
    onItsWay: (n: string) => `Parcel ${n} is on its way.`,
    isNone: (n: string) => `${n} is not an order number.`,
    howMuch: 'How much?',
    tooMuch: (n: string) => `${n} is too much.`,
    cannotUse: (it: string) => `I cannot use “${it}” here.`,
    sure: (n: string, amount: string) => `Refund ${amount} for ${n}?`,
    notRefunded: 'Nothing was refunded.',
    invoice: (n: string) => `The invoice for ${n} to Berlin.`,
    corrected: (n: string) => `Thank you, I have changed it to ${n}.`,
    hello: 'Hello!',
    again: 'Good to see you again!',
    back: 'Now, let us get back to where we were.',
    thanks: 'You are welcome.',
    clarify: 'I am not quite sure what you mean. Is it one of these?',
    options: ['Track a parcel', 'Get a refund'],
    pardon: 'Pardon?',
    takesOver: 'A colleague takes over.',
    dropped: 'All right, I have dropped that.',
    nothing: 'There is nothing to cancel at the moment.',
    over: 'All right, let us start over. What can I do for you?',
    happy: 'How happy are you with this conversation, from 1 to 5?',
    bye: 'Thank you, and goodbye!',
    noted: (it: string) => `Noted: ${it}`,
    note: 'ring twice',
    yes: 'yes',
    no: 'no',
    meant: 'no, I meant TS0002',
  },
  {
    locale: 'zh',
    track: '我的包裹在哪',
    which: '哪个订单？',
    onItsWay: (n: string) => `包裹 ${n} 在路上。`,
    isNone: (n: string) => `${n} 不是订单号。`,
    howMuch: '多少钱？',
    tooMuch: (n: string) => `${n} 太多了。`,
    cannotUse: (it: string) => `“${it}”在这里用不了。`,
    sure: (n: string, amount: string) => `给 ${n} 退 ${amount} 元？`,
    notRefunded: '没有退款。',
    invoice: (n: string) => `${n} 的发票寄到Berlin。`,
    corrected: (n: string) => `好的，已经改为 ${n}。`,
    hello: '您好！',
    again: '又见面了！',
    back: '我们回到刚才的问题。',
    thanks: '不客气。',
    clarify: '我不太确定您的意思，您是想办理下面哪一项？',
    options: ['查物流', '退款'],
    pardon: '没听懂。',
    takesOver: '转人工。',
    dropped: '好的，已经为您取消这个操作。',
    nothing: '目前没有正在办理的事项。',
    over: '好的，我们重新开始。请问您想办理什么？',
    happy: '请问您对本次服务满意吗？请打 1 到 5 分。',
    bye: '感谢您的评价，再见！',
    noted: (it: string) => `记下了：${it}`,
    note: '按两次门铃',
    yes: '是的',
    no: '不用了',
    meant: '不对，是 TS0002',
  },
] as const;

describe.each(languages)('a customer who speaks $locale', (t) => {
  const talk = () => conversation(bot, t.locale);

  it('is asked for what is missing, by a flow that another one calls', () => {
    const c = talk();
    expect(c.say(t.track, { intent: 'track' })).toEqual([t.which]);
    expect(c.state.stack.map(({ flow }) => flow)).toEqual(['track', 'order']);
    expect(c.say('TS0001', number('TS0001'))).toEqual([t.onItsWay('TS0001')]);
    expect(c.state.stack).toEqual([]);
  });

  it('is asked again for what cannot be, and gets a person after the third time', () => {
    const c = talk();
    c.say(t.track, { intent: 'track' });
    expect(c.say('XX', number('XX'))).toEqual([t.isNone('XX'), t.which]);
    expect(c.state.slots).toEqual({});
    expect(c.say('YY', number('YY'))).toEqual([t.isNone('YY'), t.which]);
    expect(c.say('ZZ', number('ZZ'))).toEqual([t.isNone('ZZ'), t.takesOver]);
    expect(c.decided.act).toMatchObject({ kind: 'hand-off' });
  });

  it('is told when a value is of the wrong kind, or beyond what is allowed', () => {
    const c = talk();
    c.say('refund', { intent: 'refund', ...number('TS0001') });
    expect(c.say('abc')).toEqual([t.cannotUse('abc'), t.howMuch]);
    expect(c.decided.why.rule).toBe('value-refused');
    expect(c.say('500')).toEqual([t.tooMuch('500'), t.howMuch]);
    expect(c.say('５０')).toEqual([t.sure('TS0001', '50')]);
  });

  it('fills several slots with one sentence', () => {
    const c = talk();
    const heard = { intent: 'invoice', entities: { order_number: 'TS0001', city: 'Berlin' } };
    expect(c.say('invoice', heard)).toEqual([t.invoice('TS0001')]);
  });

  it('corrects what was said before, while the flow is under way', () => {
    const c = talk();
    c.say('refund', { intent: 'refund', ...number('TS0001') });
    expect(c.say(t.meant, number('TS0002'))).toEqual([t.corrected('TS0002'), t.howMuch]);
    expect(c.decided).toMatchObject({ why: { rule: 'correction' }, slots: { order_number: 'TS0002' } });
    expect(c.say('20', { entities: { amount: '20' } })).toEqual([t.sure('TS0002', '20')]);
  });

  it('corrects what was said before, when the flow has ended', () => {
    const c = talk();
    c.say(t.track, { intent: 'track', ...number('TS0001') });
    expect(c.say(t.meant, { intent: 'deny', ...number('TS0002') })).toEqual([
      t.corrected('TS0002'),
      t.onItsWay('TS0002'),
    ]);
  });

  it('takes back an answer, and is asked for it again', () => {
    const c = talk();
    c.say('refund', { intent: 'refund', ...number('TS0001') });
    c.say('20', { entities: { amount: '20' } });
    expect(c.say(t.no, { intent: 'correct' })).toEqual([t.howMuch]);
  });

  it('interrupts a flow, and comes back to it', () => {
    const c = talk();
    c.say('refund', { intent: 'refund' });
    expect(c.say(t.track, { intent: 'invoice', entities: { city: 'Berlin', order_number: 'TS0001' } })).toEqual([
      t.invoice('TS0001'),
      t.back,
      t.howMuch,
    ]);
    expect(c.say('20', { entities: { amount: '20' } })).toEqual([t.sure('TS0001', '20')]);
  });

  it('makes small talk in the middle of a flow', () => {
    const c = talk();
    c.say(t.track, { intent: 'track' });
    expect(c.say('thanks', { intent: 'thank' })).toEqual([t.thanks, t.back, t.which]);
    expect(c.say('TS0001', number('TS0001'))).toEqual([t.onItsWay('TS0001')]);
  });

  it('is asked which of two close candidates is meant, with a button for each', () => {
    const c = talk();
    const close = { intent: 'track', confidence: 0.62, others: [{ intent: 'refund', confidence: 0.55 }] };
    const unsure = { ...close, others: [{ intent: 'refund', confidence: 0.55 }] };
    expect(conversation(deskBot({ bot: unsureOnly }), t.locale).say('my order', unsure)).toEqual([t.clarify]);
    const d = conversation(deskBot({ bot: unsureOnly }), t.locale);
    d.say('my order', unsure);
    expect(d.buttons).toEqual([
      { title: t.options[0], payload: '/track' },
      { title: t.options[1], payload: '/refund' },
    ]);
    expect(d.say(t.options[0], { intent: 'track', confidence: 1, payload: '/track' })).toEqual([t.which]);
    expect(c.say('my order', { ...close, others: [{ intent: 'refund', confidence: 0.3 }] })).toEqual([t.which]);
  });

  it('wants two things in one message, and gets both one after the other', () => {
    const c = talk();
    const two = { intent: 'greet', confidence: 0.8, others: [{ intent: 'track', confidence: 0.5 }] };
    expect(c.say('hi, my parcel?', two)).toEqual([t.hello, t.which]);
    expect(c.decided.act).toMatchObject({ kind: 'ask', flow: 'order' });
    const both = { intent: 'track', confidence: 0.8, others: [{ intent: 'refund', confidence: 0.5 }] };
    const d = talk();
    expect(d.say('parcel and refund', { ...both, ...number('TS0001') })).toEqual([t.onItsWay('TS0001'), t.howMuch]);
    expect(d.decided.why.rule).toBe('slot-missing');
  });

  it('is asked to say it differently, and gets a person after the third time', () => {
    const c = talk();
    expect(c.say('mumble')).toEqual([t.pardon]);
    expect(c.say('mumble')).toEqual([t.pardon]);
    expect(c.say('mumble')).toEqual([t.takesOver]);
    expect(c.say('mumble')).toEqual([]);
    expect(c.decided.act).toEqual({ kind: 'forward' });
  });

  it('cancels a flow and what it has set, and nothing else', () => {
    const c = talk();
    expect(c.say('stop', { intent: 'cancel_flow' })).toEqual([t.nothing]);
    c.say(t.track, { intent: 'track', ...number('TS0001') });
    c.say('refund', { intent: 'refund' });
    c.say('20', { entities: { amount: '20' } });
    expect(c.say('stop', { intent: 'cancel_flow' })).toEqual([t.dropped]);
    expect(c.state).toMatchObject({ slots: { order_number: 'TS0001' }, stack: [], asking: null });
  });

  it('goes back to the flow below the one that is cancelled', () => {
    const c = talk();
    c.say(t.track, { intent: 'track' });
    c.say('note', { intent: 'note' });
    expect(c.say('stop', { intent: 'cancel_flow' })).toEqual([t.dropped, t.which]);
  });

  it('begins anew', () => {
    const c = talk();
    c.say('refund', { intent: 'refund', ...number('TS0001') });
    expect(c.say('restart', { intent: 'restart' })).toEqual([t.over]);
    expect(c.state).toMatchObject({ slots: {}, stack: [] });
    expect(c.say(t.track, { intent: 'track' })).toEqual([t.which]);
  });

  it('hears the last answer again', () => {
    const c = talk();
    c.say(t.track, { intent: 'track', ...number('TS0001') });
    expect(c.say('what?', { intent: 'repeat' })).toEqual([t.onItsWay('TS0001')]);
    c.say('refund', { intent: 'refund' });
    expect(c.say('what?', { intent: 'repeat' })).toEqual([t.howMuch]);
  });

  it('says no to a question of yes or no', () => {
    const c = talk();
    c.say('refund', { intent: 'refund', entities: { order_number: 'TS0001', amount: '20' } });
    expect(c.say(t.no, { intent: 'deny' })).toEqual([t.notRefunded]);
  });

  it('says yes to a question of yes or no', () => {
    const c = talk();
    c.say('refund', { intent: 'refund', entities: { order_number: 'TS0001', amount: '20' } });
    c.say(t.yes, { intent: 'affirm' });
    expect(c.decided.act).toMatchObject({ kind: 'call', action: 'action_refund' });
  });

  it('is greeted as somebody who has come back', () => {
    const c = talk();
    expect(c.say('hello', { intent: 'greet' })).toEqual([t.hello]);
    c.happen(sessionResumed({ channel: 'web', bot: { name: bot.name, hash: bot.hash } }));
    expect(c.say('hello', { intent: 'greet' })).toEqual([t.again, t.hello]);
    expect(c.say('hello', { intent: 'greet' })).toEqual([t.hello]);
  });

  it('is asked for satisfaction in the end, and presses a button', () => {
    const c = talk();
    expect(c.say('that is all', { intent: 'satisfied' })).toEqual([t.happy]);
    expect(c.buttons.map(({ payload }) => payload)).toContain('/SetSlots(satisfaction=4)');
    expect(c.say('4', { payload: '/SetSlots(satisfaction=4)' })).toEqual([t.bye]);
    expect(c.state).toMatchObject({ phase: 'closed', slots: { satisfaction: '4' } });
  });

  it('answers in free words', () => {
    const c = talk();
    c.say('note', { intent: 'note' });
    expect(c.say(t.note)).toEqual([t.noted(t.note)]);
  });
});

const unsureOnly = `name: desk
locales: [en, zh]
threshold: 0.6
misses_before_handoff: 3
clarify_within: 0.1
`;

describe('a customer who changes the language', () => {
  it('is answered in the language of each message', () => {
    const c = conversation(bot, 'en');
    expect(c.say('where is my parcel', { intent: 'track' })).toEqual(['Which order?']);
    expect(c.say('谢谢', { intent: 'thank', locale: 'zh' })).toEqual([
      '不客气。',
      '我们回到刚才的问题。',
      '哪个订单？',
    ]);
  });

  it('is answered in the language that was asked for, until that is forgotten', () => {
    const c = conversation(bot, 'zh');
    expect(c.say('说英语', { intent: 'speak_english' })).toEqual(['Let us speak English.']);
    expect(c.say('谢谢', { intent: 'thank' })).toEqual(['You are welcome.']);
    expect(c.say('重来', { intent: 'restart' })).toEqual(['好的，我们重新开始。请问您想办理什么？']);
  });
});

describe('a bot with words of its own', () => {
  it('says them instead of the platform’s', () => {
    const own = deskBot({
      flows: `${DESK_FILES.flows}  pattern_cancel_flow:\n    steps: [{ action: action_cancel_flow }, { action: utter_thank }]\n`,
    });
    const c = conversation(own);
    c.say('track', { intent: 'track' });
    expect(c.say('stop', { intent: 'cancel_flow' })).toEqual(['You are welcome.']);
  });
});
