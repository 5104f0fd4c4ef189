import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { catalogue, definitionOf, endings } from './catalogue.ts';
import { defineEvent, readData, type AnyEventDefinition } from './define.ts';
import { Envelope } from './envelope.ts';
import { differences, locked, type Lock } from './locked.ts';

const FOLDER = new URL('fixtures/', import.meta.url);
const json = (name: string): unknown => JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8'));
const lock = json('../catalogue.lock.json') as Lock;

/** Every revision of every type that was ever written. */
const revisions = catalogue.flatMap((definition: AnyEventDefinition) =>
  Array.from({ length: definition.revision }, (_, i) => ({
    definition,
    type: definition.type as string,
    revision: i + 1,
  })),
);

describe('the catalogue', () => {
  it('names each type once, as noun and past participle', () => {
    expect(definitionOf.size).toBe(catalogue.length);
    for (const { type } of catalogue) expect(v.is(Envelope.entries.type, type), type).toBe(true);
  });

  it('rule 6: the endings of a turn share a noun', () => {
    const nouns = catalogue.filter(({ type }) => type.startsWith('turn.'));
    expect(nouns).toEqual(endings);
  });

  it('has not changed without a new revision', () => {
    expect(differences(catalogue, lock).map(({ message }) => message)).toEqual([]);
  });

  it('is checked by the script too', () => {
    const script = fileURLToPath(new URL('lock.ts', import.meta.url));
    expect(() => execFileSync(process.execPath, [script, '--check'], { stdio: 'pipe' })).not.toThrow();
  });
});

describe('rule 11: readers first', () => {
  it.each(revisions)('$type revision $revision is still readable', ({ definition, type, revision }) => {
    const stored = json(`${type}.${revision}.json`);
    expect(readData(definition, revision, stored)).toMatchObject({ ok: true });
  });

  it.each(revisions.filter(({ definition, revision }) => definition.revision === revision))(
    '$type: the fixture of today shows every field of revision $revision',
    ({ definition, type, revision }) => {
      const shown = Object.keys(json(`${type}.${revision}.json`) as object);
      const { entries } = definition.schema as unknown as { readonly entries: object };
      expect(shown.sort()).toEqual(Object.keys(entries).sort());
    },
  );

  it('has a fixture and a locked shape for every revision, and none for others', () => {
    const wanted = revisions.map(({ type, revision }) => `${type}.${revision}`).sort();
    const fixtures = readdirSync(FOLDER).map((file) => file.replace(/\.json$/u, ''));
    const shapes = Object.entries(lock).flatMap(([type, of]) => Object.keys(of).map((r) => `${type}.${r}`));
    expect(fixtures.sort()).toEqual(wanted);
    expect(shapes.sort()).toEqual(wanted);
  });
});

describe('the lock', () => {
  const one = defineEvent({ type: 'parcel.sent', revision: 1, schema: v.strictObject({ weight: v.number() }) });
  const other = defineEvent({
    type: 'parcel.sent',
    revision: 1,
    schema: v.strictObject({ weight: v.pipe(v.number(), v.minValue(0)), to: v.exactOptional(v.string()) }),
  });
  const two = defineEvent({
    type: 'parcel.sent',
    revision: 2,
    schema: v.strictObject({ grams: v.number() }),
    upcasts: { 1: ({ weight }: { weight: number }) => ({ grams: weight * 1_000 }) },
  });
  const kinds = (now: readonly AnyEventDefinition[], was: Lock) => differences(now, was).map(({ kind }) => kind);

  it('accepts what it knows', () => {
    expect(kinds([one], locked([one], {}))).toEqual([]);
  });

  it('wants to be told of a new revision, and keeps the old one', () => {
    const was = locked([one], {});
    expect(kinds([two], was)).toEqual(['new']);
    expect(Object.keys(locked([two], was)['parcel.sent'] ?? {})).toEqual(['1', '2']);
  });

  it('says where a shape changed without a new revision, and what to do', () => {
    const [difference] = differences([other], locked([one], {}));
    expect(difference).toMatchObject({ kind: 'changed', type: 'parcel.sent', revision: 1 });
    expect(difference?.message).toContain('has changed at "weight", "to?"');
    expect(difference?.message).toContain('Raise it to revision 2');
  });

  it('misses what was taken away', () => {
    expect(kinds([], locked([one], {}))).toEqual(['gone']);
    expect(kinds([one], locked([two], {}))).toEqual(['gone', 'new']);
  });
});
