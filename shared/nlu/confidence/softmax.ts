/** Probabilities that sum to 1, from scores times a scale. Empty for no scores. */
export function softmax(scores: Float64Array, scale: number): Float64Array {
  let highest = -Infinity;
  for (const score of scores) if (score > highest) highest = score;
  let sum = 0;
  const odds = new Float64Array(scores.length);
  for (let k = 0; k < scores.length; k += 1) {
    const odd = Math.exp(scale * ((scores[k] as number) - highest));
    odds[k] = odd;
    sum += odd;
  }
  for (let k = 0; k < odds.length; k += 1) odds[k] = (odds[k] as number) / sum;
  return odds;
}

/** The place of the highest score; the first of equals, -1 for none. */
export function bestOf(scores: Float64Array): number {
  let best = scores.length === 0 ? -1 : 0;
  for (let k = 1; k < scores.length; k += 1) if ((scores[k] as number) > (scores[best] as number)) best = k;
  return best;
}

const LOWEST = Math.log(0.5);
const HIGHEST = Math.log(200);
const STEPS = 40;
/** The golden ratio's smaller part. */
const SECTION = (3 - Math.sqrt(5)) / 2;

/**
 * The scale at which softmax gives the right classes the highest likelihood (temperature scaling: Guo et al., "On
 * Calibration of Modern Neural Networks", ICML 2017), by golden section between 0.5 and 200.
 */
export function fitScale(rows: readonly { readonly scores: Float64Array; readonly label: number }[]): number {
  const loss = (logScale: number): number =>
    rows.reduce(
      (sum, { scores, label }) => sum - Math.log(Math.max(1e-12, softmax(scores, Math.exp(logScale))[label] ?? 0)),
      0,
    );
  let [low, high] = [LOWEST, HIGHEST];
  let [left, right] = [low + SECTION * (high - low), high - SECTION * (high - low)];
  let [leftLoss, rightLoss] = [loss(left), loss(right)];
  for (let step = 0; step < STEPS && high - low > 0.01; step += 1) {
    if (leftLoss <= rightLoss) {
      [high, right, rightLoss] = [right, left, leftLoss];
      left = low + SECTION * (high - low);
      leftLoss = loss(left);
    } else {
      [low, left, leftLoss] = [left, right, rightLoss];
      right = high - SECTION * (high - low);
      rightLoss = loss(right);
    }
  }
  return Math.exp((low + high) / 2);
}
