/** Leaves values out by chance, and their gradients with them. */
export interface Dropout {
  /** Sets a share of the values from `from` up to `to` to 0 and makes the rest larger, so that the sum stays. */
  apply(values: Float32Array, from: number, to: number, share: number): void;
  /** Does the same to the gradients of the values that `apply` saw last. */
  applyAgain(gradients: Float32Array, from: number, to: number, share: number): void;
}

/** For up to `most` values. */
export function createDropout(most: number, chance: () => number): Dropout {
  const factors = new Float32Array(most);
  return {
    apply(values, from, to, share) {
      if (share === 0) return;
      const kept = 1 / (1 - share);
      for (let i = from; i < to; i += 1) {
        const factor = chance() < share ? 0 : kept;
        factors[i] = factor;
        values[i] = (values[i] as number) * factor;
      }
    },
    applyAgain(gradients, from, to, share) {
      if (share === 0) return;
      for (let i = from; i < to; i += 1) gradients[i] = (gradients[i] as number) * (factors[i] as number);
    },
  };
}
