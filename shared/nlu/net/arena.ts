import { kernel } from './kernel.ts';

/** A matrix of 32-bit floats in an arena. */
export interface Matrix {
  readonly at: number;
  readonly rows: number;
  readonly columns: number;
  readonly values: Float32Array;
}

/** Memory that the kernel works on; matrices are taken one after another and live as long as it does. */
export interface Arena {
  matrix(rows: number, columns: number): Matrix;
  /** C[m×n] += A[m×k] · B[k×n] at byte places and distances; n must be a multiple of 16. */
  readonly product: Product;
  /** C += factor · B over so many bytes, a multiple of 16. */
  readonly accumulate: (c: number, b: number, bytes: number, factor: number) => void;
}

type Product = (
  a: number,
  rowA: number,
  stepA: number,
  b: number,
  rowB: number,
  c: number,
  rowC: number,
  m: number,
  k: number,
  n: number,
) => void;

/** What is used of the global of that name, which no library of TypeScript without a browser's declares. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
  readonly Memory: new (pages: { readonly initial: number; readonly maximum: number }) => {
    readonly buffer: ArrayBuffer;
  };
  readonly Instance: new (module: object, imports: object) => { readonly exports: Readonly<Record<string, unknown>> };
};

const PAGE = 65_536;
let compiled: object | undefined;

/** An arena with room for so many floats, all of them 0. */
export function createArena(floats: number): Arena {
  compiled ??= new WebAssembly.Module(kernel());
  const pages = Math.ceil((floats * 4) / PAGE) + 1;
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
  const { exports } = new WebAssembly.Instance(compiled, { memory: { memory } });
  let taken = 0;
  return {
    product: exports['product'] as Product,
    accumulate: exports['accumulate'] as Arena['accumulate'],
    matrix(rows, columns) {
      const at = taken;
      taken += Math.ceil((rows * columns * 4) / 64) * 64;
      return { at, rows, columns, values: new Float32Array(memory.buffer, at, rows * columns) };
    },
  };
}

/** Floats up to the next number that the kernel can take as columns. */
export const padded = (columns: number): number => Math.ceil(columns / 16) * 16;
