/**
 * WebAssembly for one product of matrices, written out as bytes: V8 makes no vector code of a loop over a Float32Array,
 * and with it a net trains and answers several times faster (figures in README.md). Multiplication and addition are
 * separate, so every machine computes the same bits.
 *
 * `product(a, rowA, stepA, b, rowB, c, rowC, m, k, n)`: C[m×n] += A[m×k] · B[k×n]. All places and distances in bytes;
 * A has any distances (a transposed matrix, or windows that overlap), B and C have rows of neighbours; n is a
 * multiple of 16.
 */
const [A, ROW_A, STEP_A, B, ROW_B, C, ROW_C, M, K, N, ROW, COLUMN, LEFT, AT_A, AT_B, AT_C] = [
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
] as const;
const PARAMETERS = 10;
const INTEGERS = 6;
const FIRST_VECTOR = PARAMETERS + INTEGERS;
/** Four rows of eight columns, or one row of sixteen: as many sums as stay in registers. */
const VECTORS = 8 + 4;

const I32 = 0x7f;
const F32 = 0x7d;
const V128 = 0x7b;
const EMPTY = 0x40;
const END = 0x0b;

/** The bytes of the module. It imports its memory as `memory.memory` and exports `product` and `accumulate`. */
export function kernel(): Uint8Array<ArrayBuffer> {
  const product = bodyOf(INTEGERS, VECTORS, [...rows(4, 2), ...rows(1, 4)]);
  const accumulate = bodyOf(0, 1, sums());
  return new Uint8Array([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [2, 0x60, PARAMETERS, ...Array<number>(PARAMETERS).fill(I32), 0, 0x60, 4, I32, I32, I32, F32, 0]),
    ...section(2, [1, ...name('memory'), ...name('memory'), 2, 0, 1]),
    ...section(3, [2, 0, 1]),
    ...section(7, [2, ...name('product'), 0, 0, ...name('accumulate'), 0, 1]),
    ...section(10, [2, ...product, ...accumulate]),
  ]);
}

function bodyOf(integers: number, vectors: number, code: readonly number[]): readonly number[] {
  const locals = [[integers, I32] as const, [vectors, V128] as const].filter(([count]) => count > 0);
  const body = [locals.length, ...locals.flatMap(([count, type]) => [...unsigned(count), type]), ...code, END];
  return [...unsigned(body.length), ...body];
}

/** `accumulate(c, b, bytes, factor)`: C += factor · B over a multiple of 16 bytes, from the end to the beginning. */
function sums(): readonly number[] {
  const [into, from, left, by, factor] = [0, 1, 2, 3, 4] as const;
  return [
    ...set(factor, [...get(by), ...FACTOR]),
    ...whileNot(
      [...get(left), IS_ZERO],
      [
        ...set(left, [...get(left), ...constant(16), SUBTRACT]),
        ...[...get(into), ...get(left), ADD],
        ...[...get(into), ...get(left), ADD, ...load(0)],
        ...[...get(from), ...get(left), ADD, ...load(0), ...get(factor), ...VECTOR_MULTIPLY, ...VECTOR_ADD],
        ...store(0),
      ],
    ),
  ];
}

/** As many strips of `high` rows as there are left, each in tiles of `wide` vectors. */
function rows(high: number, wide: number): readonly number[] {
  return whileNot(
    [...get(ROW), ...constant(high), ADD, ...get(M), GREATER],
    [
      ...set(COLUMN, constant(0)),
      ...whileNot([...get(COLUMN), ...get(N), NOT_LESS], tile(high, wide)),
      ...set(A, [...get(A), ...get(ROW_A), ...constant(high), MULTIPLY, ADD]),
      ...set(C, [...get(C), ...get(ROW_C), ...constant(high), MULTIPLY, ADD]),
      ...set(ROW, [...get(ROW), ...constant(high), ADD]),
    ],
  );
}

function tile(high: number, wide: number): readonly number[] {
  const sum = (row: number, vector: number) => FIRST_VECTOR + row * wide + vector;
  const loaded = (vector: number) => FIRST_VECTOR + high * wide + vector;
  const vectors = [...Array(wide).keys()];
  const tileRows = [...Array(high).keys()];
  const column = [...get(COLUMN), ...constant(4), MULTIPLY];
  const atRow = (at: number, distance: number, row: number) =>
    row === 0 ? get(at) : [...get(at), ...get(distance), ...constant(row), MULTIPLY, ADD];
  return [
    ...set(AT_C, [...get(C), ...column, ADD]),
    ...set(AT_A, get(A)),
    ...set(AT_B, [...get(B), ...column, ADD]),
    ...set(LEFT, get(K)),
    ...tileRows.flatMap((r) => vectors.flatMap((v) => set(sum(r, v), [...atRow(AT_C, ROW_C, r), ...load(16 * v)]))),
    ...whileNot(
      [...get(LEFT), IS_ZERO],
      [
        ...vectors.flatMap((v) => set(loaded(v), [...get(AT_B), ...load(16 * v)])),
        ...tileRows.flatMap((r) => [
          ...set(loaded(wide), [...atRow(AT_A, ROW_A, r), ...SPLAT]),
          ...vectors.flatMap((v) =>
            set(sum(r, v), [
              ...get(sum(r, v)),
              ...get(loaded(wide)),
              ...get(loaded(v)),
              ...VECTOR_MULTIPLY,
              ...VECTOR_ADD,
            ]),
          ),
        ]),
        ...set(AT_A, [...get(AT_A), ...get(STEP_A), ADD]),
        ...set(AT_B, [...get(AT_B), ...get(ROW_B), ADD]),
        ...set(LEFT, [...get(LEFT), ...constant(1), SUBTRACT]),
      ],
    ),
    ...tileRows.flatMap((r) => vectors.flatMap((v) => [...atRow(AT_C, ROW_C, r), ...get(sum(r, v)), ...store(16 * v)])),
    ...set(COLUMN, [...get(COLUMN), ...constant(4 * wide), ADD]),
  ];
}

const IS_ZERO = 0x45;
const GREATER = 0x4b;
const NOT_LESS = 0x4f;
const ADD = 0x6a;
const SUBTRACT = 0x6b;
const MULTIPLY = 0x6c;
const VECTOR = 0xfd;
const VECTOR_MULTIPLY = [VECTOR, 0xe6, 1];
const VECTOR_ADD = [VECTOR, 0xe4, 1];
/** A factor from the stack to all four places of a vector. */
const FACTOR = [VECTOR, 0x13];
const SPLAT = [VECTOR, 0x09, 2, 0];
const load = (offset: number) => [VECTOR, 0x00, 2, ...unsigned(offset)];
const store = (offset: number) => [VECTOR, 0x0b, 2, ...unsigned(offset)];
const get = (local: number) => [0x20, ...unsigned(local)];
const set = (local: number, value: readonly number[]) => [...value, 0x21, ...unsigned(local)];
const constant = (value: number) => [0x41, value];
const whileNot = (done: readonly number[], body: readonly number[]) =>
  [0x02, EMPTY, 0x03, EMPTY, ...done, 0x0d, 1, ...body, 0x0c, 0, END, END] as const;
const section = (id: number, content: readonly number[]) => [id, ...unsigned(content.length), ...content];
const name = (text: string) => [text.length, ...new TextEncoder().encode(text)];

function unsigned(value: number): readonly number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)];
}
