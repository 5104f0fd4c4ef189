/** What can be seen of an article that was found. */
export interface Evidence {
  /** How much of what was asked stands in its best passage, 0 to 1. */
  readonly words: number;
  /** The cosine of question and best passage; 0 without vectors. */
  readonly meaning: number;
  /** How far its score is above the best other one; negative where it is below. */
  readonly lead: number;
}

/** A line through the evidence. */
export interface Calibration {
  readonly bias: number;
  readonly words: number;
  readonly meaning: number;
  readonly lead: number;
}

/** The probability that an article answers: logistic regression, so that it means what it says. */
export function confidenceOf(evidence: Evidence, by: Calibration): number {
  const { words, meaning, lead } = evidence;
  return 1 / (1 + Math.exp(-(by.bias + by.words * words + by.meaning * meaning + by.lead * lead)));
}
