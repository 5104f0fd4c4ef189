import { createArena, type Matrix } from '../nlu/net/arena.ts';

/** The vectors of passages, as matrices. */
export interface Vectors {
  /** The bytes that they take. */
  readonly bytes: number;
  /** The cosine of every passage with a question. What is given is overwritten by the next call. */
  score(question: Float32Array): Float32Array;
}

/** Passages of one matrix. So few that its rows stand near each other: with all in one, each row was another page. */
const TILE = 64;

/** Vectors of length 1 and of one dimension, ready to be compared: by a kernel in WebAssembly, with all of them. */
export function vectors(all: readonly Float32Array[], dimension: number): Vectors {
  const tiles = Math.ceil(all.length / TILE);
  const arena = createArena(tiles * TILE * (dimension + 1) + dimension + 64);
  const input = arena.matrix(1, dimension);
  const output = arena.matrix(1, tiles * TILE);
  const matrices = Array.from({ length: tiles }, () => arena.matrix(dimension, TILE));
  all.forEach((vector, passage) => {
    const { values } = matrices[Math.floor(passage / TILE)] as Matrix;
    for (let d = 0; d < dimension; d++) values[d * TILE + (passage % TILE)] = vector[d] as number;
  });
  return {
    bytes: 4 * tiles * TILE * (dimension + 1),
    score(question) {
      input.values.set(question);
      output.values.fill(0);
      matrices.forEach(({ at }, tile) => {
        arena.product(input.at, 0, 4, at, TILE * 4, output.at + tile * TILE * 4, 0, 1, dimension, TILE);
      });
      return output.values.subarray(0, all.length);
    },
  };
}

/** A vector in its direction with length 1; zeros stay zeros. */
export function unit(vector: Float32Array): Float32Array {
  let sum = 0;
  for (const value of vector) sum += value * value;
  return sum === 0 ? vector : vector.map((value) => value / Math.sqrt(sum));
}
