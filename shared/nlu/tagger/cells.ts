/** Three numbers for a cell (kind, token): the first token of a span, a further one, after it. */
export const PARTS = 3;
export const ONE = 0;
export const MORE = 1;
export const AFTER = 2;

/** What a search is done in; used again for each text, and made larger where it is full. */
export type Room = ReturnType<typeof roomFor>;

/** Room for so many cells, and for those that one more token may begin. */
export function roomFor(cells: number, kinds: number, tokens = 64) {
  const numbers = (): Float64Array => new Float64Array((cells + kinds) * PARTS);
  return {
    kind: new Uint16Array(cells + kinds),
    label: numbers(),
    sum: numbers(),
    best: numbers(),
    after: numbers(),
    back: new Int32Array((cells + kinds) * PARTS),
    /** Cells of token i: `begin[i]` up to `begin[i + 1]`. */
    begin: new Uint32Array(tokens + 1),
    none: new Float64Array(tokens),
    scale: new Float64Array(tokens),
    outside: new Float64Array(tokens),
    bestNone: 0,
  };
}

/** Twice the room, with what the first one holds. */
export function larger(room: Room, kinds: number): Room {
  const { kind, label, sum, best, after, back, ...rest } = roomFor(room.kind.length * 2, kinds, room.scale.length);
  kind.set(room.kind);
  label.set(room.label);
  sum.set(room.sum);
  best.set(room.best);
  back.set(room.back);
  const { begin, none, scale, outside, bestNone } = room;
  return { ...rest, kind, label, sum, best, after, back, begin, none, scale, outside, bestNone };
}

/** Adds to a number of many. */
export function add(numbers: Float64Array, at: number, more: number): void {
  numbers[at] = (numbers[at] as number) + more;
}

/** Keeps the cells that hold enough, with their sums divided by `all`; returns where they end. */
export function keep(
  { kind, label, sum, best, back }: Room,
  begin: number,
  end: number,
  all: number,
  least: number,
): number {
  let kept = begin;
  for (let c = begin; c < end; c += 1) {
    const cell = c * PARTS;
    const mass = (sum[cell + ONE] as number) + (sum[cell + MORE] as number) + (sum[cell + AFTER] as number);
    if (mass < least || mass === 0) continue;
    kind[kept] = kind[c] as number;
    for (let p = 0; p < PARTS; p += 1) {
      const to = kept * PARTS + p;
      label[to] = label[cell + p] as number;
      sum[to] = (sum[cell + p] as number) / all;
      best[to] = best[cell + p] as number;
      back[to] = back[cell + p] as number;
    }
    kept += 1;
  }
  return kept;
}
