import type { Arena, Matrix } from './arena.ts';
import type { Batch, Noise } from './batch.ts';

/** From the table's rows to the tokens of a batch, and back with their gradients. */
export interface Embedding {
  readonly table: Matrix;
  /** Rows of the table that the last batch has seen, and their gradients one behind another. */
  readonly seen: { readonly rows: readonly number[]; readonly gradients: Float32Array };
  /** Adds to the row of each token its table rows, over the root of how many there are. */
  forward(batch: Batch, noise: Noise, into: Matrix): void;
  backward(batch: Batch, change: Matrix): void;
}

/** Floats that the table and its gradients take. */
export const floatsOfEmbedding = (rows: number, dim: number): number => (rows + MOST_SEEN) * dim + 32;

/** Rows that one batch may see; what more there were would stay as they are until another batch sees them. */
const MOST_SEEN = 32_768;

/** For batches of up to `most` rows. */
export function createEmbedding(
  arena: Arena,
  floats: Float32Array,
  dim: number,
  most: number,
  chance: () => number,
): Embedding {
  const table = arena.matrix(floats.length / dim, dim);
  table.values.set(floats);
  const gradients = arena.matrix(MOST_SEEN, dim);
  const bytes = dim * 4;
  const slotOf = new Int32Array(table.rows).fill(-1);
  /** The table rows that were kept, in order; where each token's end, and by what it multiplies them. */
  let kept = new Int32Array(1 << 16);
  const ends = new Int32Array(most);
  const factors = new Float32Array(most);
  let seenRows: number[] = [];

  function slot(row: number): number {
    const known = slotOf[row] as number;
    if (known >= 0 || seenRows.length === MOST_SEEN) return known;
    const next = seenRows.push(row) - 1;
    slotOf[row] = next;
    gradients.values.fill(0, next * dim, (next + 1) * dim);
    return next;
  }

  return {
    table,
    get seen() {
      return { rows: seenRows, gradients: gradients.values };
    },
    forward({ sentences, spans }, noise, into) {
      let used = 0;
      sentences.forEach(({ features: { rows, counts } }, n) => {
        let row = (spans[n] as { from: number }).from;
        let at = 0;
        if (used + rows.length > kept.length) kept = grown(kept, rows.length);
        for (const count of counts) {
          const end = at + count;
          const factor = 1 / Math.sqrt(count) / (1 - noise.features);
          const dropped = noise.tokens > 0 && chance() < noise.tokens;
          const start = into.at + row * bytes;
          for (; at < end; at += 1) {
            if (dropped || (noise.features > 0 && chance() < noise.features)) continue;
            const seen = rows[at] as number;
            kept[used++] = seen;
            arena.accumulate(start, table.at + seen * bytes, bytes, factor);
          }
          ends[row] = used;
          factors[row] = factor;
          row += 1;
        }
      });
    },
    backward({ spans }, change) {
      for (const row of seenRows) slotOf[row] = -1;
      seenRows = [];
      let used = 0;
      for (const { from, length } of spans) {
        for (let row = from; row < from + length; row += 1) {
          const factor = factors[row] as number;
          const start = change.at + row * bytes;
          for (; used < (ends[row] as number); used += 1) {
            const place = slot(kept[used] as number);
            if (place >= 0) arena.accumulate(gradients.at + place * bytes, start, bytes, factor);
          }
        }
      }
    },
  };
}

function grown(values: Int32Array<ArrayBuffer>, by: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(values.length * 2 + by);
  larger.set(values);
  return larger;
}
