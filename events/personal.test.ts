import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { catalogue } from './catalogue.ts';
import { policyDecided } from './decision.ts';
import { defineEvent, type AnyEventDefinition } from './define.ts';
import { personalFields, unmarkedText } from './personal.ts';
import { turnReplied } from './turn.ts';

/** Texts in the platform's own words; never what a customer wrote. */
const OUR_WORDS = /(?:^|\.)(?:reason|object|timer)$/u;

describe('rule 14: personal fields are marked in the schemas', () => {
  it.each(catalogue.map((d: AnyEventDefinition) => [d.type as string, d] as const))('%s', (_type, definition) => {
    expect(unmarkedText(definition).filter((path) => !OUR_WORDS.test(path))).toEqual([]);
  });

  it('lists them by path', () => {
    expect(personalFields(turnReplied)).toEqual([
      'messages[].text',
      'messages[].buttons[].title',
      'messages[].buttons[].payload',
    ]);
    expect(personalFields(policyDecided)).toContain('says[].slots{}');
    expect(personalFields(policyDecided)).toContain('snapshot.state');
  });

  it('finds free text that nobody has marked', () => {
    const schema = v.strictObject({ note: v.string(), marked: v.pipe(v.string(), v.metadata({ personal: true })) });
    const noted = defineEvent({ type: 'note.written', revision: 1, schema });
    expect(unmarkedText(noted)).toEqual(['note']);
  });

  it('takes what stands below a marked field as marked, and nothing beside it', () => {
    const inside = v.pipe(v.strictObject({ free: v.string() }), v.metadata({ personal: true }));
    const schema = v.strictObject({ inside, insideOut: v.array(v.string()) });
    const noted = defineEvent({ type: 'note.written', revision: 1, schema });
    expect(personalFields(noted)).toEqual(['inside']);
    expect(unmarkedText(noted)).toEqual(['insideOut[]']);
  });
});
