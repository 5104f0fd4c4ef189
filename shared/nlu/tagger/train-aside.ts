import { trainInThread, type AsideOptions } from '../model/aside.ts';
import type { TaggedText } from './examples.ts';

/** Beside this file; in a bundle, beside the bundle under a name of its own. */
const WORKER = new URL(import.meta.url.endsWith('.ts') ? './train-worker.ts' : './tagger-trainer.js', import.meta.url);

/** What a thread needs to train a tagger. */
export interface TaggerTask {
  readonly examples: readonly TaggedText[];
  readonly seed: number;
}

/**
 * `trainTagger` in a thread of its own; the same examples and seed give the same bytes of a tagger file. Fails as
 * `trainInThread` does.
 */
export const trainTaggerAside = (task: TaggerTask, options: AsideOptions): Promise<Uint8Array> =>
  trainInThread(WORKER, task, options);
