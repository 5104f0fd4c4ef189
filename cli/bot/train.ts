import { writeModel, writeWhole } from '../../shared/nlu/model/file.ts';
import { trainIntentModel } from '../../shared/nlu/model/intent-model.ts';
import { progressBar } from '../progress.ts';
import { number, paint, print, printJson } from '../terminal.ts';
import { readAndTell } from './data.ts';

export interface TrainOptions {
  readonly out: string;
  readonly seed: number;
  readonly outOfScope?: string;
  readonly onnx?: string;
  readonly json?: boolean;
}

/** `turnstream bot train`: data to a model file. Returns the exit code. */
export async function trainBot(paths: readonly string[], options: TrainOptions): Promise<number> {
  const { out, seed, outOfScope, onnx, json } = options;
  const { examples, problems, usable } = await readAndTell(paths);
  const outside = outOfScope === undefined ? undefined : await readAndTell([outOfScope]);
  if (!usable || outside?.usable === false) {
    if (json) printJson({ trained: false, problems: [...problems, ...(outside?.problems ?? [])] });
    return 1;
  }
  const bar = progressBar('examples');
  const started = performance.now();
  const model = trainIntentModel(examples, {
    seed,
    ...(outside && { outside: outside.examples.map(({ text }) => text) }),
    onProgress: (part) => {
      bar.show(part, Math.round(part * examples.length));
    },
  });
  bar.done();
  const seconds = (performance.now() - started) / 1_000;
  const bytes = await writeModel(out, model);
  if (onnx !== undefined) {
    const { onnxOf } = await import('../../shared/nlu/model/onnx.ts');
    await writeWhole(onnx, onnxOf(model));
  }
  const { intents, calibration } = model;
  const { threshold } = calibration;
  if (json) {
    const sizes = { examples: examples.length, intents: intents.length, bytes, seconds };
    printJson({ trained: true, model: out, ...(onnx !== undefined && { onnx }), ...sizes, threshold, problems });
    return 0;
  }
  print(
    `${paint('green', 'trained')} ${number(examples.length)} examples of ${number(intents.length)} intents in ${seconds.toFixed(1)} s`,
  );
  print(`${out}: ${(bytes / 1e6).toFixed(1)} MB; the best threshold by rehearsal is ${threshold.toFixed(2)}`);
  if (onnx !== undefined) print(`${onnx}: the same weights as ONNX`);
  print(paint('dim', 'how good it is: turnstream bot evaluate'));
  return 0;
}
