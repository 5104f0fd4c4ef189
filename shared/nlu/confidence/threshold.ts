/** What rehearsals say about a threshold. */
export interface Rehearsal {
  /** Confidence for each text in scope, and whether the answer would have been right. */
  readonly inside: readonly { readonly confidence: number; readonly right: boolean }[];
  /** Confidence for texts out of scope. */
  readonly outside: readonly number[];
  /** The share of texts in scope that has to be answered rightly, where that can be had: 0 to 1, 0 unless said. */
  readonly answered?: number;
}

/** Without strangers to go by: an answer is worth giving when it is more likely right than not. */
const EVEN = 0.5;

/**
 * The confidence from which answering pays best: the share of right answers given and the share of strangers turned
 * away, added up (the balanced threshold of the figures in `bench/understanding`). The middle between two confidences
 * that were seen, so that a text exactly like a rehearsed one does not fall by a rounding.
 */
export function chooseThreshold({ inside, outside, answered = 0 }: Rehearsal): number {
  if (inside.length === 0 || outside.length === 0) return EVEN;
  const gain = 1 / inside.length;
  const loss = 1 / outside.length;
  const steps = [
    ...inside.map(({ confidence, right }) => ({ confidence, worth: right ? -gain : 0 })),
    ...outside.map((confidence) => ({ confidence, worth: loss })),
  ].sort((a, b) => a.confidence - b.confidence);
  let right = inside.filter((it) => it.right).length * gain;
  let worth = 0;
  let best = 0;
  let threshold = 0;
  for (const [i, step] of steps.entries()) {
    worth += step.worth;
    right += Math.min(step.worth, 0);
    if (right < answered) break;
    const next = steps[i + 1]?.confidence ?? 1;
    if (worth <= best || next === step.confidence) continue;
    best = worth;
    threshold = (step.confidence + next) / 2;
  }
  return threshold;
}
