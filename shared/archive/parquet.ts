import * as v from 'valibot';
import { PlatformError } from '../errors/index.ts';
import type { ArchiveRow } from './row.ts';

const text = { type: 'STRING', nullable: false } as const;
const number = { type: 'INT64', nullable: false } as const;
// Bounds of columns with content would put some of it into the file's footer.
const content = { nullable: true, statistics: false } as const;

/** The columns of a file, in order. */
const COLUMNS = {
  tenant: text,
  session: text,
  turn: { type: 'STRING', nullable: true },
  position: number,
  previous: number,
  id: text,
  type: text,
  revision: { type: 'INT32', nullable: false },
  time: { type: 'TIMESTAMP', nullable: false },
  emitter: text,
  causation: { type: 'STRING', nullable: true },
  basis: { type: 'INT64', nullable: true },
  data: { type: 'STRING', ...content },
  sealed: { type: 'BYTE_ARRAY', ...content },
} as const satisfies Record<keyof ArchiveRow, object>;
const NAMES = Object.keys(COLUMNS) as (keyof ArchiveRow)[];

const nullable = <S extends v.GenericSchema>(schema: S) => v.nullish(schema, null);
const position = v.pipe(v.bigint(), v.transform(Number), v.safeInteger());
const Row = v.object({
  tenant: v.string(),
  session: v.string(),
  turn: nullable(v.string()),
  position,
  previous: position,
  id: v.string(),
  type: v.string(),
  revision: v.number(),
  time: v.date(),
  emitter: v.string(),
  causation: nullable(v.string()),
  basis: nullable(position),
  data: nullable(v.string()),
  sealed: nullable(v.instance(Uint8Array)),
});

/** Rows as a Parquet file. The libraries are loaded when they are first needed: most processes never do. */
export async function toParquet(rows: readonly ArchiveRow[]): Promise<Uint8Array> {
  const { parquetWriteBuffer } = await import('hyparquet-writer');
  const columnData = NAMES.map((name) => {
    const big = COLUMNS[name].type === 'INT64';
    const values = rows.map((row) => (big && row[name] !== null ? BigInt(row[name] as number) : row[name]));
    return { name, data: values, ...COLUMNS[name] };
  });
  return new Uint8Array(parquetWriteBuffer({ columnData, createdBy: 'turnstream' }));
}

/** The rows of a file. Fails with `archive.damaged` (never). */
export async function fromParquet(bytes: Uint8Array): Promise<readonly ArchiveRow[]> {
  const { parquetReadObjects } = await import('hyparquet');
  try {
    const file = Uint8Array.from(bytes).buffer;
    return v.parse(v.array(Row), await parquetReadObjects({ file, utf8: false }));
  } catch (cause) {
    throw new PlatformError('archive.damaged', 'a file of the archive cannot be read', { retry: 'never', cause });
  }
}
