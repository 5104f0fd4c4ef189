import { generator, shuffled } from './chance.ts';
import { sigmoid, trainLinear, type Row } from './linear.ts';

/** What confidence is judged by: how far ahead a class is, and how much of the text is known words. */
export interface Evidence {
  readonly margin: number;
  readonly coverage: number;
}

/** Evidence to a confidence: the chance that the class is right, as far as the bot's own examples tell. */
export type Calibration = (evidence: Evidence) => number;

/** What a middling bot comes to. With few examples this counts most, with many hardly at all. */
const USUAL: Coefficients = [-2.9, 1.2, 2.4];
const WEIGHT_OF_USUAL = 1;
const FOLDS = 3;
/** An intent left out is a hard stranger, nearer than most that come along: it counts less than a sentence left out. */
const STRANGER = 0.3;

type Coefficients = readonly [number, number, number];
interface Judged extends Evidence {
  readonly right: boolean;
  readonly weight: number;
}

/** How far each class is ahead of the best other one; a class alone is measured against nothing. */
export function marginOf(scores: Float64Array, of: number): number {
  let other = scores.length === 1 ? 0 : -Infinity;
  for (let k = 0; k < scores.length; k += 1) if (k !== of) other = Math.max(other, scores[k] ?? -Infinity);
  return (scores[of] ?? 0) - other;
}

/**
 * Learns how far to trust the scores, by a rehearsal: models trained without some sentences and without some intents at
 * all judge exactly those, so that both mistakes and strangers are seen before the first customer comes.
 */
export function calibrate(rows: readonly Row[], features: number, classes: number): Calibration {
  const [a, b, c] = fit(rehearse(rows, features, classes));
  return ({ margin, coverage }) => sigmoid(a + b * margin + c * coverage);
}

function rehearse(rows: readonly Row[], features: number, classes: number): readonly Judged[] {
  const random = generator(classes);
  const labels = Array.from({ length: classes }, (_, label) => label);
  const strangers = new Map(shuffled(labels, random).map((label, i) => [label, i % FOLDS]));
  const dealt = shuffled(rows, random).map((row, i) => ({ row, fold: i % FOLDS }));
  return Array.from({ length: FOLDS }, (_, fold) => fold).flatMap((fold) => {
    const strange = ({ label }: Row): boolean => strangers.get(label) === fold;
    const known = labels.filter((label) => strangers.get(label) !== fold);
    const kept = dealt.filter((it) => it.fold !== fold && !strange(it.row)).map(({ row }) => row);
    const judged = dealt.filter((it) => it.fold === fold || strange(it.row)).map(({ row }) => row);
    if (known.length < 2 || kept.length === 0) return [];
    const model = trainLinear(
      kept.map(({ text, label }) => ({ text, label: known.indexOf(label) })),
      features,
      known.length,
    );
    return judged.map((row): Judged => {
      const vector = model.vectorOf(row.text);
      const scores = model.scores(vector);
      const best = scores.indexOf(Math.max(...scores));
      return {
        margin: marginOf(scores, best),
        coverage: vector.coverage,
        right: known[best] === row.label,
        weight: strange(row) ? STRANGER : 1,
      };
    });
  });
}

/** Logistic regression by Newton's method; ten steps are more than so small a problem needs. */
function fit(judged: readonly Judged[]): Coefficients {
  let [a, b, c] = USUAL;
  for (let round = 0; round < 10; round += 1) {
    const gradient = [a - USUAL[0], b - USUAL[1], c - USUAL[2]].map((off) => off * WEIGHT_OF_USUAL);
    let [h00, h01, h02, h11, h12, h22] = [WEIGHT_OF_USUAL, 0, 0, WEIGHT_OF_USUAL, 0, WEIGHT_OF_USUAL];
    let [g0 = 0, g1 = 0, g2 = 0] = gradient;
    for (const { margin, coverage, right, weight } of judged) {
      const p = sigmoid(a + b * margin + c * coverage);
      const error = weight * (p - (right ? 1 : 0));
      const curve = weight * p * (1 - p);
      g0 += error;
      g1 += error * margin;
      g2 += error * coverage;
      h00 += curve;
      h01 += curve * margin;
      h02 += curve * coverage;
      h11 += curve * margin * margin;
      h12 += curve * margin * coverage;
      h22 += curve * coverage * coverage;
    }
    // Cramer's rule: the matrix is symmetric and, thanks to the weight of the usual, never singular.
    const [m00, m01, m02] = [h11 * h22 - h12 * h12, h02 * h12 - h01 * h22, h01 * h12 - h02 * h11];
    const [m11, m12, m22] = [h00 * h22 - h02 * h02, h01 * h02 - h00 * h12, h00 * h11 - h01 * h01];
    const determinant = h00 * m00 + h01 * m01 + h02 * m02;
    a -= (m00 * g0 + m01 * g1 + m02 * g2) / determinant;
    b -= (m01 * g0 + m11 * g1 + m12 * g2) / determinant;
    c -= (m02 * g0 + m12 * g1 + m22 * g2) / determinant;
  }
  return [a, b, c];
}
