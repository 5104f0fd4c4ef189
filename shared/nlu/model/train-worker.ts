import { parentPort, workerData } from 'node:worker_threads';
import { encodeModel } from './encode.ts';
import { trainIntentModel, type IntentExample } from './intent-model.ts';

const { examples, seed } = workerData as { readonly examples: readonly IntentExample[]; readonly seed: number };
const model = trainIntentModel(examples, {
  seed,
  onProgress: (part) => parentPort?.postMessage({ part }),
});
parentPort?.postMessage({ bytes: new Uint8Array(encodeModel(model)) });
