import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { policyDecided } from './decision.ts';
import { defineEvent, readData } from './define.ts';

interface First {
  readonly kg: number;
}
interface Second {
  readonly grams: number;
}

/** Revision 1 weighed in kilograms, revision 2 did not know the carrier. */
const weighed = defineEvent({
  type: 'parcel.weighed',
  revision: 3,
  schema: v.strictObject({ grams: v.pipe(v.number(), v.safeInteger()), carrier: v.string() }),
  upcasts: {
    1: ({ kg }: First): Second => ({ grams: kg * 1_000 }),
    2: (data: Second) => ({ ...data, carrier: 'unknown' }),
  },
});

describe('an event with a history', () => {
  it('is written in its newest revision', () => {
    expect(weighed({ grams: 5, carrier: 'sf' })).toEqual({
      type: 'parcel.weighed',
      revision: 3,
      data: { grams: 5, carrier: 'sf' },
    });
  });

  it.each([
    [1, { kg: 2 }, { grams: 2_000, carrier: 'unknown' }],
    [2, { grams: 7 }, { grams: 7, carrier: 'unknown' }],
    [3, { grams: 5, carrier: 'sf' }, { grams: 5, carrier: 'sf' }],
  ])('reads revision %i step by step', (revision, stored, data) => {
    expect(readData(weighed, revision, stored)).toEqual({ ok: true, data });
  });

  it('leaves a newer revision to a newer build', () => {
    expect(readData(weighed, 4, { grams: 5 })).toEqual({ ok: false, why: 'newer' });
  });

  it.each([
    ['of the wrong type', 3, { grams: 'heavy', carrier: 'sf' }, 'grams'],
    ['with an unknown field', 3, { grams: 5, carrier: 'sf', colour: 'red' }, 'colour'],
    ['that an upcast makes wrong', 1, { kg: 0.0001 }, 'grams'],
  ])('names the field of data %s', (_what, revision, stored, field) => {
    expect(readData(weighed, revision, stored)).toEqual({ ok: false, why: 'invalid', field });
  });

  it.each([0, -1, 1.5])('refuses revision %d, which nobody wrote', (revision) => {
    expect(readData(weighed, revision, {})).toMatchObject({ ok: false, why: 'invalid' });
  });

  it('survives an upcast that cannot take what it is given', () => {
    expect(readData(weighed, 1, null)).toEqual({ ok: false, why: 'invalid' });
  });

  it('is refused at load when a step of it is missing', () => {
    const upcasts = { 1: (data: unknown) => data };
    expect(() => defineEvent({ type: 'parcel.lost', revision: 3, schema: v.strictObject({}), upcasts })).toThrow(
      'parcel.lost: no upcast from revision 2 to 3',
    );
  });

  it('is refused at load when it has a step that leads nowhere', () => {
    const upcasts = { 1: (data: unknown) => data, 2: (data: unknown) => data };
    expect(() => defineEvent({ type: 'parcel.lost', revision: 2, schema: v.strictObject({}), upcasts })).toThrow(
      'parcel.lost: an upcast from revision 2, which is the newest',
    );
  });
});

describe('keys that mean something to JavaScript', () => {
  const decided = (slots: object) => ({
    step: 1,
    act: { kind: 'respond', response: 'utter_hello', slots },
    why: { rule: 'flow' },
    locale: 'en',
    snapshot: { fold: 'dialogue-1', hash: '0123456789abcdef', state: {} },
  });

  // valibot leaves such a key out and calls the rest valid: what was read would not have been what was stored.
  it.each(['constructor', 'prototype', '__proto__'])('%s is refused, not dropped', (key) => {
    const slots = JSON.parse(`{"order_number":"1","${key}":"2"}`) as object;
    expect(readData(policyDecided, 1, decided(slots))).toEqual({ ok: false, why: 'invalid', field: 'says.0.slots' });
  });
});
