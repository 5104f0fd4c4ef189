/** Shares that add up to 1, in the proportion of the powers of e; overwrites and gives back the scores. */
export function softmaxInPlace(scores: Float32Array): Float32Array {
  let highest = -Infinity;
  for (const score of scores) if (score > highest) highest = score;
  let sum = 0;
  for (let i = 0; i < scores.length; i += 1) {
    const power = Math.exp((scores[i] as number) - highest);
    scores[i] = power;
    sum += power;
  }
  for (let i = 0; i < scores.length; i += 1) scores[i] = (scores[i] as number) / sum;
  return scores;
}

/** As `softmaxInPlace`, in an array of its own. */
export const softmaxOf = (scores: Float32Array): Float32Array => softmaxInPlace(scores.slice());
