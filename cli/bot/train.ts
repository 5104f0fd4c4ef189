import { writeModel, writeWhole } from '../../shared/nlu/model/file.ts';
import { trainIntentModel } from '../../shared/nlu/model/intent-model.ts';
import { trainWithNet } from '../../shared/nlu/model/train-net.ts';
import { progressBar } from '../progress.ts';
import { number, paint, print, printJson } from '../terminal.ts';
import { readAndTell } from './data.ts';

export interface TrainOptions {
  readonly out: string;
  readonly seed: number;
  readonly outOfScope?: string;
  /** Train a net, too. */
  readonly net?: boolean;
  /** A file of examples that nothing else is learned from: how sure to be, and how much the net counts. */
  readonly validation?: string;
  readonly onnx?: string;
  readonly json?: boolean;
}

/** `turnstream bot train`: data to a model file. Returns the exit code. */
export async function trainBot(paths: readonly string[], options: TrainOptions): Promise<number> {
  const { out, seed, outOfScope, net, onnx, json } = options;
  const { examples, problems, usable } = await readAndTell(paths);
  const outside = outOfScope === undefined ? undefined : await readAndTell([outOfScope]);
  const validation = options.validation === undefined ? undefined : await readAndTell([options.validation]);
  if (!usable || outside?.usable === false || validation?.usable === false) {
    const more = [outside, validation].flatMap((data) => data?.problems ?? []);
    if (json) printJson({ trained: false, problems: [...problems, ...more] });
    return 1;
  }
  const bar = progressBar('examples');
  const started = performance.now();
  const learning = {
    seed,
    ...(outside && { outside: outside.examples.map(({ text }) => text) }),
    ...(validation && { validation: validation.examples }),
    onProgress: (part: number) => {
      bar.show(part, Math.round(part * examples.length));
    },
  };
  const model = net ? await trainWithNet(examples, learning) : trainIntentModel(examples, learning);
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
    printJson({
      trained: true,
      model: out,
      ...(onnx !== undefined && { onnx }),
      ...sizes,
      threshold,
      ...(net && { net: model.net?.cascade ?? null }),
      problems,
    });
    return 0;
  }
  print(
    `${paint('green', 'trained')} ${number(examples.length)} examples of ${number(intents.length)} intents in ${seconds.toFixed(1)} s`,
  );
  print(`${out}: ${(bytes / 1e6).toFixed(1)} MB; the best threshold by rehearsal is ${threshold.toFixed(2)}`);
  if (net) {
    const cascade = model.net?.cascade;
    const asked =
      cascade && `below a confidence of ${cascade.threshold.toFixed(2)}, with a weight of ${percent(cascade.weight)}`;
    print(asked ? `the net is asked ${asked}` : 'a net would help nothing here: the model has none');
  }
  if (onnx !== undefined) print(`${onnx}: the weights of the linear model as ONNX`);
  print(paint('dim', 'how good it is: turnstream bot evaluate'));
  return 0;
}

const percent = (share: number): string => `${Math.round(share * 100)} %`;
