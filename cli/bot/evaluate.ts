import { crossValidate, type ModelTrainer } from '../../shared/nlu/evaluate/cross-validate.ts';
import { evaluate, judged, type Evaluation } from '../../shared/nlu/evaluate/evaluation.ts';
import { htmlReport } from '../../shared/nlu/evaluate/html.ts';
import { readModel, writeWhole } from '../../shared/nlu/model/file.ts';
import { intentReader, trainIntentModel, type IntentExample } from '../../shared/nlu/model/intent-model.ts';
import { trainWithNet } from '../../shared/nlu/model/train-net.ts';
import { UsageError } from '../fault.ts';
import { progressBar } from '../progress.ts';
import { columns, harmless, number, paint, print, printJson } from '../terminal.ts';
import { readAndTell } from './data.ts';

export interface EvaluateOptions {
  readonly folds: number;
  readonly seed: number;
  readonly test?: string;
  readonly model?: string;
  readonly html?: string;
  /** Train nets, too. */
  readonly net?: boolean;
  readonly json?: boolean;
}

const SHOWN = 15;

/** `turnstream bot evaluate`: how good a bot understands, by cross-validation or on a test file. Returns the exit code. */
export async function evaluateBot(paths: readonly string[], options: EvaluateOptions): Promise<number> {
  const { test, model, html, json } = options;
  if (model === undefined && paths.length === 0) throw new UsageError('a bot or training data is needed');
  if (model !== undefined && test === undefined)
    throw new UsageError('--model is judged on a file: name it with --test');
  const trained = model === undefined ? await readAndTell(paths) : undefined;
  const tested = test === undefined ? undefined : await readAndTell([test]);
  if (trained?.usable === false || tested?.usable === false) return 1;

  const bar = progressBar('examples');
  const examples = trained?.examples ?? [];
  const onProgress = (part: number): void => {
    bar.show(part, Math.round(part * examples.length));
  };
  const evaluation = tested
    ? await onTest(tested.examples, model ?? examples, { ...options, onProgress })
    : await crossValidate(examples, { ...options, train: trainerOf(options), onProgress });
  bar.done();
  if (html !== undefined) {
    const title = `How well ${model ?? paths.join(', ')} understands`;
    await writeWhole(html, Buffer.from(htmlReport(evaluation, title)));
  }
  if (json) printJson(evaluation);
  else for (const line of textReport(evaluation)) print(line);
  if (html !== undefined && !json) print(paint('dim', `the whole: ${html}`));
  return 0;
}

async function onTest(
  test: readonly IntentExample[],
  from: string | readonly IntentExample[],
  options: { readonly seed: number; readonly net?: boolean; readonly onProgress: (part: number) => void },
): Promise<Evaluation> {
  const model = typeof from === 'string' ? await readModel(from) : await trainerOf(options)(from, options);
  const understand = intentReader(model);
  const all = test.map((example) => judged(example, understand(example.text)));
  return evaluate(all, model.intents, model.calibration.threshold);
}

/** Cross-validation trains many models: nets only where they are asked for. */
const trainerOf = ({ net }: Pick<EvaluateOptions, 'net'>): ModelTrainer => (net ? trainWithNet : trainIntentModel);

function textReport(evaluation: Evaluation): readonly string[] {
  const { examples, accuracy, answered, threshold, outside, confusions, worst } = evaluation;
  const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
  return [
    `${paint('bold', percent(accuracy))} of ${number(examples)} examples understood`,
    `calibration error ${percent(evaluation.calibrationError)} (with so few examples, chance alone gives ${percent(evaluation.calibrationErrorByChance)})`,
    `from a confidence of ${threshold.toFixed(2)}: ${percent(answered.right)} answered rightly, ${percent(answered.wrong)} wrongly`,
    ...(outside
      ? [
          `${number(outside.examples)} out of scope: ${percent(outside.turnedAway)} turned away, AUROC ${outside.auroc.toFixed(3)}`,
        ]
      : []),
    ...(confusions.length > 0 ? ['', paint('bold', 'most often confused')] : []),
    ...columns(
      confusions
        .slice(0, SHOWN)
        .map(({ count, intent, taken }) => [String(count), harmless(intent), `as ${harmless(taken || 'nothing')}`]),
    ),
    ...(worst.length > 0 ? ['', paint('bold', 'the surest mistakes')] : []),
    ...columns(
      worst
        .slice(0, SHOWN)
        .map(({ confidence, intent, taken = 'nothing', text }) => [
          confidence.toFixed(2),
          harmless(intent),
          `as ${harmless(taken)}`,
          harmless(text),
        ]),
    ),
  ];
}
