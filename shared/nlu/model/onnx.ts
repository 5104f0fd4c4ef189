import type { SparseWeights } from '../linear/weights.ts';
import type { IntentModel } from './intent-model.ts';
import { FLOAT, input, INT64, INT8, integer, node, onnxFile, output, tensor } from './onnx-graph.ts';

const OPSET = 13;

/**
 * The weights of a model as an ONNX file (opset 13): inputs `ids` (int64, [n]) and `values` (float, [1, n]), the known
 * features of a text as `vectorizer` reads them; output `scores` (float, [1, intents]).
 *
 * For other runtimes, and to check ours: both agree to 1e-4 (`onnx.int.test.ts`). The hot path is TypeScript on purpose.
 * Measured for one utterance with onnxruntime-node 1.30 and Node 24 on one of two shared x86 cores, without reading its
 * features (4 to 13 µs for either): the native session takes 28 to 34 µs of processor time for 16 intents and 55 for
 * 150, and answers asynchronously, 130 µs later at best; TypeScript takes 3 and 32 µs and never leaves the thread.
 */
export function onnxOf({ intents, linear }: IntentModel): Buffer {
  const { weights } = linear;
  const classes = intents.length;
  const features = weights.starts.length - 1;
  return onnxFile(
    'intents',
    OPSET,
    // Rows of the known features, weighed and added up, brought from steps to weights, and moved by the biases.
    node('Gather', ['weights', 'ids'], 'steps', integer('axis', 0)),
    node('Cast', ['steps'], 'rows', integer('to', FLOAT)),
    node('MatMul', ['values', 'rows'], 'sums'),
    node('Mul', ['sums', 'scales'], 'scaled'),
    node('Add', ['scaled', 'biases'], 'scores'),
    tensor('weights', INT8, [features, classes], dense(weights, classes)),
    tensor('scales', FLOAT, [classes], weights.scales),
    tensor('biases', FLOAT, [classes], weights.biases),
    input('ids', INT64, ['n']),
    input('values', FLOAT, [1, 'n']),
    output('scores', FLOAT, [1, classes]),
  );
}

/** ONNX has no sparse weights that its runtimes can gather from: a row for each feature, zeros and all. */
function dense({ starts, classes, values }: SparseWeights, width: number): Int8Array<ArrayBuffer> {
  const rows = new Int8Array((starts.length - 1) * width);
  for (let id = 0; id + 1 < starts.length; id += 1) {
    for (let p = starts[id] ?? 0; p < (starts[id + 1] ?? 0); p += 1)
      rows[id * width + (classes[p] ?? 0)] = values[p] ?? 0;
  }
  return rows;
}
