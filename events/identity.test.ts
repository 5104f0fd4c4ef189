import fc from 'fast-check';
import { expect, it } from 'vitest';
import { arbitraryDraft } from '../shared/testing/arbitrary.ts';
import { definitionOf, catalogue } from './catalogue.ts';
import { readData, type AnyEventDefinition } from './define.ts';

const RUNS = { numRuns: 1_000 };

it('what is read is what was stored', () => {
  fc.assert(
    fc.property(arbitraryDraft, ({ type, revision, data }) => {
      const definition = definitionOf.get(type) as AnyEventDefinition;
      const stored: unknown = JSON.parse(JSON.stringify(data));
      expect(readData(definition, revision, stored)).toEqual({ ok: true, data });
    }),
    RUNS,
  );
});

it('is tried with every type of the catalogue', () => {
  const seen = new Set(fc.sample(arbitraryDraft, RUNS).map(({ type }) => type));
  expect([...seen].sort()).toEqual(catalogue.map(({ type }) => type).sort());
});
