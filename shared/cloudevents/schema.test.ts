import { existsSync, readFileSync } from 'node:fs';
import { Ajv, type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { arbitraryEnvelope } from '../testing/arbitrary.ts';
import { writeStructured } from './write.ts';

// Published definitions lie beside the checkout, where there is such a folder; they are not copied into the project.
const SCHEMA = new URL('../../../shared/schemas/cloudevents.schema.json', import.meta.url);

describe.skipIf(!existsSync(SCHEMA))('the published schema of CloudEvents (skipped where it is not at hand)', () => {
  // Where everything is skipped, this is gone through all the same.
  let validate: ValidateFunction;
  beforeAll(() => {
    const ajv = new Ajv({ strict: false });
    addFormats.default(ajv);
    validate = ajv.compile(JSON.parse(readFileSync(SCHEMA, 'utf8')) as object);
  });

  it('admits every event in structured mode', () => {
    fc.assert(
      fc.property(arbitraryEnvelope, (envelope) => {
        validate(writeStructured(envelope, 42));
        expect(validate.errors ?? []).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  it('refuses one without a source', () => {
    const [envelope] = fc.sample(arbitraryEnvelope, 1);
    expect(envelope && validate({ ...writeStructured(envelope, 42), source: undefined })).toBe(false);
  });
});
