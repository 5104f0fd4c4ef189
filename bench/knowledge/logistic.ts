import type { Calibration, Evidence } from '../../shared/knowledge/confidence.ts';
import { confidenceOf } from '../../shared/knowledge/confidence.ts';

/** What was seen of a first hit, and whether it was the right article. */
export interface Outcome {
  readonly evidence: Evidence;
  readonly right: boolean;
}

const STEPS = 4_000;
const RATE = 0.5;
/** Keeps the weights of evidence that decides everything from growing for ever. */
const DECAY = 1e-3;

/** Logistic regression by gradient descent: the same outcomes give the same line. */
export function fitted(outcomes: readonly Outcome[]): Calibration {
  let line: Calibration = { bias: 0, words: 0, meaning: 0, lead: 0 };
  for (let step = 0; step < STEPS; step++) {
    const gradient = { bias: 0, words: 0, meaning: 0, lead: 0 };
    for (const { evidence, right } of outcomes) {
      const error = (confidenceOf(evidence, line) - (right ? 1 : 0)) / outcomes.length;
      gradient.bias += error;
      gradient.words += error * evidence.words;
      gradient.meaning += error * evidence.meaning;
      gradient.lead += error * evidence.lead;
    }
    line = {
      bias: line.bias - RATE * gradient.bias,
      words: line.words - RATE * 10 * (gradient.words + DECAY * line.words * 0.1),
      meaning: line.meaning - RATE * 10 * (gradient.meaning + DECAY * line.meaning * 0.1),
      lead: line.lead - RATE * 10 * (gradient.lead + DECAY * line.lead * 0.1),
    };
  }
  return line;
}

/** How often a right outcome has a higher probability than a wrong one; 0.5: by chance. */
export function auroc(all: readonly { readonly confidence: number; readonly right: boolean }[]): number {
  const right = all.filter((o) => o.right);
  const wrong = all.filter((o) => !o.right);
  let won = 0;
  for (const a of right)
    for (const b of wrong) won += a.confidence > b.confidence ? 1 : a.confidence === b.confidence ? 0.5 : 0;
  return won / (right.length * wrong.length);
}

/** Mean distance between probability and frequency over ten equally full bins. */
export function calibrationError(all: readonly { readonly confidence: number; readonly right: boolean }[]): number {
  const sorted = all.toSorted((a, b) => a.confidence - b.confidence);
  let error = 0;
  for (let bin = 0; bin < 10; bin++) {
    const part = sorted.slice((bin * sorted.length) / 10, ((bin + 1) * sorted.length) / 10);
    error += Math.abs(part.reduce((sum, o) => sum + o.confidence - (o.right ? 1 : 0), 0));
  }
  return error / all.length;
}
