import { describe, expect, it } from 'vitest';
import type { Passage } from '../../events/decision.ts';
import type { EventId } from '../../events/envelope.ts';
import { actionCompleted, actionFailed, answerFailed, answerGenerated, passagesFound } from '../../events/outside.ts';
import { stepFailed } from '../../events/understanding.ts';
import { conversation } from './testing/conversation.ts';
import { DESK_FILES, deskBot } from './testing/desk-bot.ts';

const bot = deskBot();
const REFUND = { intent: 'refund', entities: { order_number: 'TS0001', amount: '20' } };

/** A customer who has said yes to a refund; `over`: what makes an event follow from the decision that asked for it. */
function refunding() {
  const c = conversation(bot);
  c.say('a refund', REFUND);
  const told = c.say('yes', { intent: 'affirm' });
  const { id } = c.decided;
  const turn = c.state.pending?.turn as EventId;
  return { c, told, over: { causation: id, turn } };
}

describe('an action of the customer’s own systems', () => {
  it('is asked for with what its flow has collected, a deadline, and nothing said yet', () => {
    const { c, told } = refunding();
    expect(told).toEqual([]);
    expect(c.decided).toMatchObject({
      step: 1,
      act: { kind: 'call', action: 'action_refund', arguments: { order_number: 'TS0001', amount: '20', sure: 'true' } },
      timer: { purpose: 'deadline', afterMs: 4_000 },
    });
    expect(c.state.pending).toMatchObject({ kind: 'call', decision: c.decided.id });
  });

  it('answers the turn when it is done', () => {
    const { c, over } = refunding();
    expect(c.happen(actionCompleted({ action: 'action_refund', slots: {} }), over)).toEqual(['Refunded 20.']);
    expect(c.decided).toMatchObject({ step: 2, why: { rule: 'outside-done' } });
    expect(c.state).toMatchObject({ pending: null, timers: [{ purpose: 'idle' }], stack: [] });
  });

  it.each(['timed-out', 'refused', 'unreachable', 'malformed', 'circuit-open'] as const)(
    'leads where its flow says when it was %s',
    (reason) => {
      const { c, over } = refunding();
      const told = c.happen(actionFailed({ action: 'action_refund', reason }), over);
      expect(told).toEqual(['The refund failed: ask again later.']);
      expect(c.decided.why.rule).toBe('outside-failed');
    },
  );

  it('has failed once its deadline has passed, and what comes later is ignored', () => {
    const { c, over } = refunding();
    expect(c.fire('deadline')).toEqual(['The refund failed: ask again later.']);
    const { state } = c;
    expect(c.happen(actionCompleted({ action: 'action_refund', slots: {} }), over)).toEqual([]);
    expect(c.state).toEqual(state);
  });

  it('has failed when the function that does it has given up', () => {
    const { c, over } = refunding();
    const told = c.happen(stepFailed({ step: 'action', reason: 'crashed', attempts: 4 }), over);
    expect(told).toEqual(['The refund failed: ask again later.']);
  });

  it('ignores a second result, a result of another decision, and a deadline that has passed already', () => {
    const { c, over } = refunding();
    const other = { ...over, causation: '0'.repeat(26) as EventId };
    expect(c.happen(actionCompleted({ action: 'action_refund', slots: {} }), other)).toEqual([]);
    expect(c.happen(actionCompleted({ action: 'action_refund', slots: {} }), over)).toEqual(['Refunded 20.']);
    expect(c.happen(actionFailed({ action: 'action_refund', reason: 'refused' }), over)).toEqual([]);
    expect(c.fire('deadline')).toEqual([]);
  });

  it('fills the slots that the bot has, and no others', () => {
    const c = conversation(bot);
    c.say('how is my order', { intent: 'order_status', entities: { order_number: 'TS0001' } });
    const over = { causation: c.decided.id, turn: c.state.pending?.turn as EventId };
    const done = actionCompleted({ action: 'action_order_status', slots: { status: 'shipped', secret: 'x' } });
    expect(c.happen(done, over)).toEqual(['It is shipped.']);
    expect(c.state.slots).toEqual({ order_number: 'TS0001', status: 'shipped' });
  });

  it('ends its flow with an apology where the flow does not say what to do about a failure', () => {
    const c = conversation(bot);
    c.say('how is my order', { intent: 'order_status', entities: { order_number: 'TS0001' } });
    expect(c.fire('deadline')).toEqual(['Sorry, that does not work at the moment. Please try again later.']);
    expect(c.state.stack).toEqual([]);
  });

  it('is not waited for when an agent takes over', () => {
    const { c, over } = refunding();
    c.happen(actionCompleted({ action: 'action_refund', slots: {} }), {
      ...over,
      causation: '0'.repeat(26) as EventId,
    });
    expect(c.state.turns).toHaveLength(1);
  });

  it('gives its flow up when the action gives more than a session can keep', () => {
    const { c, over } = refunding();
    const slots = Object.fromEntries(Array.from({ length: 5 }, (_, i) => [`field_${i}`, 'x'.repeat(900)]));
    expect(c.happen(actionCompleted({ action: 'action_refund', slots }), over)).toEqual([
      'The refund failed: ask again later.',
    ]);
  });
});

const passage = (text: string, title = 'Returns'): Passage => ({
  article: 'returns',
  version: '3',
  title,
  text,
  score: 0.8,
});
const knowing = (knowledge: string) => deskBot({ bot: `${DESK_FILES.bot}knowledge: ${knowledge}\n` });

describe('a question for the knowledge base', () => {
  const asked = (knowledge: string) => {
    const c = conversation(knowing(knowledge));
    expect(c.say('may I send it back')).toEqual([]);
    return c;
  };
  const over = (c: ReturnType<typeof asked>) => ({
    causation: c.decided.id,
    turn: c.state.pending?.turn as EventId,
  });
  const found = (answered: boolean) =>
    passagesFound({ passages: [passage('Within 30 days.'), passage('No.')], answered, model: 'm' });

  it('is looked up, and answered with the best passage and its source', () => {
    const c = asked('passages');
    expect(c.decided).toMatchObject({
      act: { kind: 'search', query: 'may I send it back' },
      why: { rule: 'knowledge' },
    });
    expect(c.happen(found(true), over(c))).toEqual(['Within 30 days.\n\nSource: Returns']);
    expect(c.decided.why.cites).toEqual(['returns@3']);
  });

  it('is not understood where nothing is good enough, and a person takes over after the third time', () => {
    const c = asked('passages');
    expect(c.happen(found(false), over(c))).toEqual(['Pardon?']);
    c.say('what');
    expect(c.fire('deadline')).toEqual(['Pardon?']);
    c.say('what');
    expect(c.happen(found(false), over(c))).toEqual(['A colleague takes over.']);
  });

  it('is put into words by a model, from the passages', () => {
    const c = asked('generated');
    expect(c.happen(found(true), over(c))).toEqual([]);
    expect(c.decided).toMatchObject({
      step: 2,
      act: { kind: 'generate', passages: [{ text: 'Within 30 days.' }, {}] },
    });
    const cites = [{ article: 'returns', version: '3' }];
    const answer = answerGenerated({ text: 'Yes, for 30 days.', cites, model: 'llm', tokens: 9 });
    expect(c.happen(answer, over(c))).toEqual(['Yes, for 30 days.\n\nSource: returns@3']);
    expect(c.decided).toMatchObject({ step: 3, why: { cites: ['returns@3'] } });
  });

  it('is answered with the passage itself when the model is down', () => {
    const c = asked('generated');
    c.happen(found(true), over(c));
    expect(c.happen(answerFailed({ reason: 'circuit-open' }), over(c))).toEqual(['Within 30 days.\n\nSource: Returns']);
  });

  it('comes back to the flow that was under way', () => {
    const c = conversation(knowing('passages'));
    c.say('track', { intent: 'track' });
    c.say('may I send it back');
    expect(c.happen(found(true), over(c))).toEqual(['Within 30 days.\n\nSource: Returns', 'Which order?']);
  });

  it('stays within the size of a state, however much is found', () => {
    const c = asked('generated');
    const long = passage('字'.repeat(9_000), '题'.repeat(900));
    c.happen(passagesFound({ passages: [long, long, long, long], answered: true, model: 'm' }), over(c));
    expect(c.decided.act).toMatchObject({ kind: 'generate', passages: { length: 3 } });
    const cites = Array.from({ length: 9 }, (_, i) => ({
      article: `${'a'.repeat(60)}${i}`,
      version: '0'.repeat(32),
      title: `${'题'.repeat(900)}${i}`,
    }));
    const answer = answerGenerated({ text: '字'.repeat(1_200), cites, model: 'm', tokens: 9 });
    expect(c.happen(answer, over(c))).toEqual([expect.stringMatching(/^字{1200}/u)]);
  });
});
