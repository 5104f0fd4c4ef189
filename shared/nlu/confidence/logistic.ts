/** One observation: what was seen, whether it was so, and how much it counts. */
export interface Observation {
  readonly evidence: readonly number[];
  readonly is: boolean;
  readonly weight: number;
}

const ROUNDS = 12;

/** The logistic function: log odds to a probability. */
export function sigmoid(logOdds: number): number {
  return 1 / (1 + Math.exp(-logOdds));
}

/** The log odds of a probability, kept finite. */
export function logit(probability: number): number {
  const p = Math.min(1 - 1e-9, Math.max(1e-9, probability));
  return Math.log(p / (1 - p));
}

/** The probability that coefficients (the constant first) give to some evidence. */
export function chanceOf([constant = 0, ...slopes]: readonly number[], evidence: readonly number[]): number {
  return sigmoid(slopes.reduce((sum, slope, i) => sum + slope * (evidence[i] ?? 0), constant));
}

/**
 * Logistic regression by Newton's method, drawn towards the coefficients `usual` (constant first) with the weight of
 * one observation: with little to go by they count most, with much hardly at all, and no data can make it diverge.
 */
export function fitLogistic(observations: readonly Observation[], usual: readonly number[]): readonly number[] {
  let at = usual;
  for (let round = 0; round < ROUNDS; round += 1) {
    const gradient = at.map((value, i) => value - (usual[i] ?? 0));
    const curvature = at.map((_, i) => at.map((__, j): number => (i === j ? 1 : 0)));
    for (const { evidence, is, weight } of observations) {
      const p = chanceOf(at, evidence);
      const row = [1, ...evidence];
      for (const [i, x] of row.entries()) {
        gradient[i] = (gradient[i] ?? 0) + weight * (p - (is ? 1 : 0)) * x;
        const line = curvature[i] ?? [];
        for (const [j, y] of row.entries()) line[j] = (line[j] ?? 0) + weight * p * (1 - p) * x * y;
      }
    }
    const step = solve(curvature, gradient);
    // A whole step can overshoot where the curve is flat.
    const length = Math.max(...step.map(Math.abs));
    const part = length > 2 ? 2 / length : 1;
    at = at.map((value, i) => value - part * (step[i] ?? 0));
    if (length < 1e-9) break;
  }
  return at;
}

/** Gaussian elimination; the matrix is positive definite, so no pivot is zero. */
function solve(matrix: readonly (readonly number[])[], right: readonly number[]): readonly number[] {
  const rows = matrix.map((line, i) => [...line, right[i] ?? 0]);
  const n = rows.length;
  for (const [i, row] of rows.entries()) {
    for (const below of rows.slice(i + 1)) {
      const factor = (below[i] ?? 0) / (row[i] ?? 1);
      for (let j = i; j <= n; j += 1) below[j] = (below[j] ?? 0) - factor * (row[j] ?? 0);
    }
  }
  const solution = new Array<number>(n).fill(0);
  for (const [i, row] of [...rows.entries()].reverse()) {
    const known = solution.reduce((sum, x, j) => (j > i ? sum + (row[j] ?? 0) * x : sum), 0);
    solution[i] = ((row[n] ?? 0) - known) / (row[i] ?? 1);
  }
  return solution;
}
