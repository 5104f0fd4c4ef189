import { fc, it as property } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import type { ConversationEvent } from '../../events/catalogue.ts';
import { policyDecided, type Act } from '../../events/decision.ts';
import type { Draft } from '../../events/define.ts';
import type { EventId } from '../../events/envelope.ts';
import { actionCompleted, actionFailed } from '../../events/outside.ts';
import { controlRequested, sessionResumed, timerFired } from '../../events/session.ts';
import { turnReplied } from '../../events/turn.ts';
import { entitiesExtracted, intentClassified, intentNotRecognised, stepFailed } from '../../events/understanding.ts';
import { derivedId } from '../runtime/ids.ts';
import { testBot } from '../testing/bot.ts';
import { incoming, newSession, opening, saying } from '../testing/rig.ts';
import { dialogue } from './fold.ts';
import { RECENT_IDS } from './recent.ts';
import type { DialogueState } from './state.ts';

const ref = newSession();
const LARGEST = 4 * 1024;
const UNDECIDED = 32;

const json = (state: DialogueState) => JSON.stringify(state);
const fold = (events: readonly ConversationEvent[], from = dialogue.initial) => events.reduce(dialogue.evolve, from);

/** Places drafts one after the other. `of`: which of the turns opened so far an event belongs to. */
function placed(drafts: readonly { readonly draft: Draft; readonly of?: number }[]): readonly ConversationEvent[] {
  const turns: EventId[] = [];
  return drafts.map(({ draft, of = 0 }, i) => {
    const id = derivedId('0' as EventId, draft.type, i);
    const turn = turns.length > 0 ? turns[of % turns.length] : undefined;
    const isOpening = draft.type === 'utterance.received';
    if (isOpening) turns.push(id);
    const event = incoming(ref, draft, { id, ...(turn && !isOpening && { turn, causation: turn }) });
    return { ...event, position: 1_000_000 + i } as ConversationEvent;
  });
}

const act = fc.constantFrom<Act>(
  { kind: 'respond' },
  { kind: 'ask', slot: 'order_number', flow: 'track_parcel' },
  { kind: 'fall-back' },
  { kind: 'hand-off', reason: 'asked' },
  { kind: 'close', reason: 'asked' },
  { kind: 'take', agent: 'ann' },
  { kind: 'hand-back', agent: 'ann' },
  { kind: 'call', action: 'action_order_status', arguments: {} },
  { kind: 'search', query: 'returns' },
  { kind: 'choose', query: 'my order', options: ['greet', 'track_parcel'] },
);
const frame = fc.record({ flow: fc.constantFrom('track_parcel', 'refund_status'), step: fc.constantFrom('1', '2') });
const decided = fc
  .record({ did: act, stack: fc.array(frame, { maxLength: 3 }), timed: fc.boolean() })
  .map(({ did, stack, timed }) =>
    policyDecided({
      step: 1,
      act: did,
      says: [{ response: 'utter_greet', slots: {} }],
      slots: { order_number: 'TS1' },
      forgets: [],
      stack,
      ...(timed && { timer: { purpose: 'silence', afterMs: 1 } }),
      why: { rule: 'x' },
      locale: 'en',
      snapshot: { fold: 'x', hash: '0'.repeat(32), state: {} },
    }),
  );
const entity = fc.record({
  entity: fc.constantFrom('order_number', 'carrier'),
  value: fc.constantFrom('TS1', 'TS2'),
  start: fc.constant(0),
  end: fc.constant(1),
});
const fact = fc.oneof(
  fc
    .float({ min: 0, max: 1, noNaN: true })
    .map((confidence) => intentClassified({ intent: 'greet', confidence, model: 'm', others: [] })),
  fc.constant(intentNotRecognised({ best: [], model: 'm' })),
  fc.array(entity, { maxLength: 3 }).map((entities) => entitiesExtracted({ entities, model: 'm' })),
  fc.constantFrom('intent', 'entity').map((step) => stepFailed({ step, reason: 'failed', attempts: 3 })),
);
const reply = fc.constant(turnReplied({ messages: [], locale: 'en' }));
const entered = fc.oneof(
  fc.constantFrom('hello', 'bye').map((text) => saying(text)),
  fc
    .constantFrom('take' as const, 'hand-back' as const, 'close' as const)
    .map((command) => controlRequested({ command, agent: 'ann' })),
  fc.constant(timerFired({ timer: '0'.repeat(26) })),
  fc.constant(sessionResumed({ channel: 'test', bot: { name: testBot.name, hash: testBot.hash } })),
  fc.constant(opening()),
);
const happening = fc.record({ draft: fc.oneof(entered, fact, fact, decided, reply), of: fc.nat({ max: 9 }) });
const histories = fc
  .array(happening, { maxLength: 40 })
  .map((drafts) => placed([{ draft: opening() }, { draft: saying('hello') }, ...drafts]));

describe('the fold of a session', () => {
  property.prop([histories, fc.nat(), fc.nat()])('is not changed by what is repeated', (events, which, where) => {
    // A decision cannot be repeated: it is let in only on top of what it stands on.
    const repeatable = events.filter(({ type }) => type !== 'policy.decided');
    const repeated = repeatable[which % repeatable.length];
    if (!repeated) return;
    const after = events.indexOf(repeated) + 1 + (where % (events.length - events.indexOf(repeated)));
    const again = [...events.slice(0, after), { ...repeated, position: 2_000_000 }, ...events.slice(after)];
    expect(json(fold(again))).toBe(json(fold(events)));
  });

  property.prop([histories, fc.nat()])('goes on from a snapshot as from the beginning (I6)', (events, where) => {
    const cut = where % events.length;
    const snapshot = JSON.parse(json(fold(events.slice(0, cut)))) as DialogueState;
    expect(json(fold(events.slice(cut), snapshot))).toBe(json(fold(events)));
  });

  property.prop([fc.array(fact, { maxLength: 6 }), fc.nat()])(
    'is the same whichever fact came first',
    (facts, seed) => {
      const kind = ({ type, data }: Draft) =>
        /^intent/u.test((data as { step?: string }).step ?? type) ? 'intent' : 'entity';
      const [intents, entities] = [
        facts.filter((f) => kind(f) === 'intent'),
        facts.filter((f) => kind(f) === 'entity'),
      ];
      const history = (order: readonly Draft[]) =>
        fold(placed([opening(), saying('hello'), ...order].map((draft) => ({ draft }))));
      // The order among facts of one kind counts, that between the kinds does not.
      const mixed = seed % 2 === 0 ? [...intents, ...entities] : [...entities, ...intents];
      expect(json(history(mixed))).toBe(json(history(facts)));
    },
  );

  it('stays under 4 KB with as many waiting turns and remembered ids as there can be', () => {
    const before = Array.from({ length: RECENT_IDS - UNDECIDED }, (_, i) => [
      { draft: saying(`hello ${i}`) },
      { draft: turnReplied({ messages: [], locale: 'en' }), of: i },
    ]).flat();
    const waiting = Array.from({ length: UNDECIDED }, (_, i) => ({ draft: saying(`again ${i}`) }));
    const state = fold(placed([{ draft: opening() }, ...before, ...waiting]));
    expect(state.turns).toHaveLength(UNDECIDED);
    expect(json(state).length).toBeLessThan(LARGEST);
  });

  describe('of what was asked of the outside world', () => {
    const calling = policyDecided({
      step: 1,
      act: { kind: 'call', action: 'action_order_status', arguments: {} },
      says: [],
      slots: {},
      forgets: [],
      stack: [],
      timer: { purpose: 'deadline', afterMs: 1 },
      why: { rule: 'x' },
      locale: 'en',
      snapshot: { fold: 'x', hash: '0'.repeat(32), state: {} },
    });
    const past = placed([{ draft: opening() }, { draft: saying('hello') }, { draft: calling }]);
    const decision = past.at(-1)?.id as EventId;
    const after = (draft: Draft, causation: EventId, state = fold(past)) =>
      fold([{ ...incoming(ref, draft, { causation }), position: 9 } as ConversationEvent], state);
    const done = actionCompleted({ action: 'action_order_status', slots: { status: 'shipped' } });
    const failed = actionFailed({ action: 'action_order_status', reason: 'refused' });

    it('the first result counts, and its deadline is over', () => {
      const known = after(done, decision);
      expect(known).toMatchObject({ pending: { outcome: { kind: 'done' } }, timers: [] });
      expect(json(after(failed, decision, known))).toBe(json(known));
    });

    it('no result of another decision does', () => {
      expect(json(after(done, '0'.repeat(26) as EventId))).toBe(json(fold(past)));
    });
  });
});
