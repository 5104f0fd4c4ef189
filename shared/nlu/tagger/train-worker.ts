import { parentPort, workerData } from 'node:worker_threads';
import { encodeTagger } from './encode.ts';
import { trainTagger } from './tagger.ts';
import type { TaggerTask } from './train-aside.ts';

const { examples, seed } = workerData as TaggerTask;
const { model } = trainTagger(examples, {
  seed,
  onRound: (round, rounds) => parentPort?.postMessage({ part: round / rounds }),
});
parentPort?.postMessage({ bytes: new Uint8Array(encodeTagger(model)) });
