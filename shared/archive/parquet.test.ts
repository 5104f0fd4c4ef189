import { fc, test } from '@fast-check/vitest';
import { expect, it } from 'vitest';
import { fromParquet, toParquet } from './parquet.ts';
import type { ArchiveRow } from './row.ts';

const row = fc.record({
  tenant: fc.constantFrom('acme', 'globex'),
  session: fc.string({ minLength: 26, maxLength: 26 }),
  turn: fc.option(fc.string()),
  position: fc.maxSafeNat(),
  previous: fc.maxSafeNat(),
  id: fc.string(),
  type: fc.constantFrom('utterance.received', 'turn.replied'),
  revision: fc.integer({ min: 1, max: 9 }),
  time: fc.date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true }),
  emitter: fc.string(),
  causation: fc.option(fc.string()),
  basis: fc.option(fc.maxSafeNat()),
  data: fc.option(fc.string({ unit: 'grapheme', maxLength: 3_000 })),
  sealed: fc.option(fc.uint8Array({ maxLength: 3_000 })),
});

test.prop([fc.array(row, { minLength: 1, maxLength: 40 })], { numRuns: 200 })(
  'reading gives what was written',
  async (rows) => {
    expect(await fromParquet(await toParquet(rows))).toEqual(rows);
  },
);

it('keeps the order of more rows than one group holds', async () => {
  const rows = Array.from({ length: 5_000 }, (_, i): ArchiveRow => ({
    tenant: 'acme',
    session: `session-${i % 7}`,
    turn: null,
    position: i + 1,
    previous: i,
    id: `id-${i}`,
    type: 'utterance.received',
    revision: 1,
    time: new Date(i),
    emitter: 'gateway',
    causation: null,
    basis: null,
    data: JSON.stringify({ text: `text ${i}` }),
    sealed: null,
  }));
  const bytes = await toParquet(rows);
  expect(await fromParquet(bytes)).toEqual(rows);
});

it('an empty file is a file', async () => {
  expect(await fromParquet(await toParquet([]))).toEqual([]);
});

it('a cut file is refused', async () => {
  const bytes = await toParquet([]);
  for (const cut of [new Uint8Array(), bytes.subarray(0, bytes.length - 3), bytes.subarray(5)])
    await expect(fromParquet(cut)).rejects.toMatchObject({ code: 'archive.damaged', retry: 'never' });
});
