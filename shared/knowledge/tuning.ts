import type { Calibration } from './confidence.ts';

/** How a question's two scores for a passage become one, and what that says about the answer. */
export interface Tuning {
  /** The part of the words in the score, 0 to 1; the rest is that of the meaning. */
  readonly words: number;
  readonly calibration: Calibration;
  /** An article below this probability is no answer: the bot says that it does not know. */
  readonly threshold: number;
}

/** Likelier right than wrong. */
const THRESHOLD = 0.5;

// Fitted on the project's own questions: `npm run bench -- knowledge` tells the numbers, and how good they are.

/** Without vectors. */
export const WORDS_ONLY: Tuning = {
  words: 1,
  calibration: { bias: -1.95, words: 3.27, meaning: 0, lead: 3.76 },
  threshold: THRESHOLD,
};

/** With the encoder that comes with the project. */
export const WITH_START: Tuning = {
  words: 0.35,
  calibration: { bias: -1.83, words: 1.34, meaning: 2.35, lead: 8.74 },
  threshold: THRESHOLD,
};
