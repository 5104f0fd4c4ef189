import { describe, expect, it } from 'vitest';
import type { EventId } from '../../events/envelope.ts';
import { MAX_TEXT } from '../../events/fields.ts';
import { customerReminded } from '../../events/session.ts';
import { turnHandedOff, turnReplied } from '../../events/turn.ts';
import { newSession } from '../../shared/testing/rig.ts';
import { MAX_BODY_BYTES, notificationOf, type Spoken } from './notification.ts';

const ref = newSession();
const turn = '01ARZ3NDEKTSV4RRFFQ69G5FAV' as EventId;
const spoken = (draft: { readonly type: string; readonly data: unknown }, over: object = {}) =>
  ({
    ...draft,
    ...ref,
    id: turn,
    revision: 1,
    turn,
    time: '2026-01-01T00:00:00.000Z',
    emitter: 'reply',
    traceparent: '00-11111111111111111111111111111111-2222222222222222-01',
    position: 7,
    ...over,
  }) as unknown as Spoken;
const hello = { text: 'Hello', buttons: [{ title: 'Yes', payload: '/yes' }] };

describe('the body of a webhook', () => {
  it('has type, timestamp and data', () => {
    expect(JSON.parse(notificationOf(spoken(turnReplied({ messages: [hello], locale: 'en' }))))).toEqual({
      type: 'turn.replied',
      timestamp: '2026-01-01T00:00:00.000Z',
      data: { session: ref.session, turn, position: 7, locale: 'en', messages: [hello] },
    });
  });

  it('says why a person takes over', () => {
    const event = spoken(turnHandedOff({ messages: [hello], locale: 'en', reason: 'asked for' }));
    expect(JSON.parse(notificationOf(event))).toMatchObject({ type: 'turn.handed-off', data: { reason: 'asked for' } });
  });

  it('belongs to no turn where the bot spoke by itself', () => {
    const event = spoken(customerReminded({ messages: [hello], locale: 'en' }), { turn: undefined });
    expect(JSON.parse(notificationOf(event))).toEqual({
      type: 'customer.reminded',
      timestamp: '2026-01-01T00:00:00.000Z',
      data: { session: ref.session, position: 7, locale: 'en', messages: [hello] },
    });
  });

  it('is always the same for the same event', () => {
    const event = spoken(turnReplied({ messages: [hello], locale: 'en' }));
    expect(notificationOf(structuredClone(event))).toBe(notificationOf(event));
  });

  it('stays under 20 kB, and says so where that leaves nothing to say', () => {
    const long = { text: '好'.repeat(MAX_TEXT), buttons: [] };
    const body = notificationOf(spoken(turnReplied({ messages: [long], locale: 'zh' })));
    expect(Buffer.byteLength(body)).toBeLessThan(MAX_BODY_BYTES);
    expect(JSON.parse(body)).toMatchObject({ data: { position: 7, messages: [], truncated: true } });
  });

  it('is complete up to there', () => {
    const fits = { text: 'x'.repeat(MAX_TEXT), buttons: [] };
    const body = notificationOf(spoken(turnReplied({ messages: [fits], locale: 'en' })));
    expect(JSON.parse(body)).toMatchObject({ data: { messages: [fits] } });
    expect(body).not.toContain('truncated');
  });
});
