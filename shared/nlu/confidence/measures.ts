/** A claim: how sure, and whether it was right. */
export interface Claim {
  readonly confidence: number;
  readonly right: boolean;
}

/**
 * Expected calibration error with bins of equal width (Guo et al. 2017): how far confidence and accuracy lie apart,
 * weighed by how many claims fall into each bin. 0 to 1.
 */
export function calibrationError(claims: readonly Claim[], bins = 15): number {
  const sums = Array.from({ length: bins }, () => ({ count: 0, confidence: 0, right: 0 }));
  for (const { confidence, right } of claims) {
    const bin = sums[Math.min(bins - 1, Math.max(0, Math.floor(confidence * bins)))];
    if (!bin) continue;
    bin.count += 1;
    bin.confidence += confidence;
    bin.right += right ? 1 : 0;
  }
  return sums.reduce((sum, bin) => sum + Math.abs(bin.confidence - bin.right), 0) / Math.max(1, claims.length);
}

const DRAWS = 200;

/**
 * The calibration error that so many claims come to by chance where every one is exactly as likely to be right as it says:
 * the mean of 200 draws. No model can be expected to come below it, and with few claims it is far from 0.
 */
export function chanceCalibrationError(confidences: readonly number[], random: () => number): number {
  let sum = 0;
  for (let draw = 0; draw < DRAWS; draw += 1) {
    sum += calibrationError(confidences.map((confidence) => ({ confidence, right: random() < confidence })));
  }
  return sum / DRAWS;
}

/**
 * Area under the ROC curve: the chance that something of the first kind scores above something of the second, equals
 * counting half (Mann and Whitney). NaN where one kind is missing.
 */
export function auroc(first: readonly number[], second: readonly number[]): number {
  const all = [
    ...first.map((score) => ({ score, mine: true })),
    ...second.map((score) => ({ score, mine: false })),
  ].sort((a, b) => a.score - b.score);
  let rankSum = 0;
  for (let i = 0; i < all.length;) {
    let end = i;
    while (end < all.length && all[end]?.score === all[i]?.score) end += 1;
    const rank = (i + end + 1) / 2;
    for (; i < end; i += 1) if (all[i]?.mine) rankSum += rank;
  }
  return (rankSum - (first.length * (first.length + 1)) / 2) / (first.length * second.length);
}
