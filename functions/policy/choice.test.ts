import { describe, expect, it } from 'vitest';
import type { Draft } from '../../events/define.ts';
import type { EventId } from '../../events/envelope.ts';
import { answerFailed, flowSuggested } from '../../events/outside.ts';
import { conversation } from './testing/conversation.ts';
import { DESK_FILES, deskBot } from './testing/desk-bot.ts';

const bot = deskBot({ bot: `${DESK_FILES.bot}unsure: model\n` });
const UNSURE = {
  en: { which: 'Which order?', clarify: 'I am not quite sure what you mean. Is it one of these?' },
  zh: { which: '哪个订单？', clarify: '我不太确定您的意思，您是想办理下面哪一项？' },
};
const CLOSE = { intent: 'track', confidence: 0.55, others: [{ intent: 'refund', confidence: 0.52 }] };
const suggested = (intent?: string) =>
  flowSuggested({ ...(intent !== undefined && { intent }), model: 'm', tokens: 9 });

/** A message that could mean two things, in a bot that asks a model about it. */
function unsure(locale: 'en' | 'zh' = 'en', heard: object = {}) {
  const c = conversation(bot, locale);
  const told = c.say('about my order', { ...CLOSE, ...heard });
  const over = { causation: c.decided.id, turn: c.state.pending?.turn as EventId };
  return { c, told, happens: (draft: Draft) => c.happen(draft, over) };
}

describe.each(['en', 'zh'] as const)('a message that could mean two things, in %s', (locale) => {
  const t = UNSURE[locale];

  it('is shown to a language model with its candidates, and nothing is said yet', () => {
    const { c, told } = unsure(locale);
    expect(told).toEqual([]);
    expect(c.decided).toMatchObject({
      act: { kind: 'choose', query: 'about my order', options: ['track', 'refund'] },
      timer: { purpose: 'deadline' },
      why: { rule: 'unsure' },
    });
  });

  it('begins the flow that the model has chosen', () => {
    const { c, happens } = unsure(locale);
    expect(happens(suggested('refund'))).toEqual([t.which]);
    expect(c.decided).toMatchObject({ step: 2, act: { kind: 'ask', flow: 'refund' }, why: { rule: 'suggested' } });
  });

  it.each<[string, Draft]>([
    ['chooses none of them', suggested()],
    ['chooses what it was not offered', suggested('goodbye')],
    ['is down', answerFailed({ reason: 'unreachable' })],
    ['says something else', answerFailed({ reason: 'malformed' })],
    ['costs too much', answerFailed({ reason: 'over-budget' })],
  ])('is put to the customer where the model %s', (_why, draft) => {
    const { c, happens } = unsure(locale);
    expect(happens(draft)).toEqual([t.clarify]);
    expect(c.buttons.map(({ payload }) => payload)).toEqual(['/track', '/refund']);
    expect(c.state).toMatchObject({ pending: null, phase: 'open' });
  });

  it('is put to the customer where the model takes too long', () => {
    const { c } = unsure(locale);
    expect(c.fire('deadline')).toEqual([t.clarify]);
  });
});

describe('a choice', () => {
  it('keeps the values that came with the message', () => {
    const { c, happens } = unsure('en', { entities: { order_number: 'TS0001' } });
    expect(happens(suggested('refund'))).toEqual(['How much?']);
    expect(c.state.slots).toEqual({ order_number: 'TS0001' });
  });

  it('is not left to the model while one candidate is clearly ahead, or the bot has not asked for it', () => {
    const { told } = unsure('en', { confidence: 0.9 });
    expect(told).toEqual(['Which order?']);
    expect(conversation(deskBot()).say('about my order', CLOSE)).toEqual([UNSURE.en.clarify]);
  });

  it('counts once: what comes later or of another decision changes nothing', () => {
    const { c, happens } = unsure();
    expect(c.happen(suggested('refund'), { causation: '0'.repeat(26) as EventId })).toEqual([]);
    expect(happens(suggested('track'))).toEqual(['Which order?']);
    expect(happens(suggested('refund'))).toEqual([]);
    expect(c.state.stack.map(({ flow }) => flow)).not.toContain('refund');
  });
});
