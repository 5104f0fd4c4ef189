import { trainInThread, type AsideOptions } from './aside.ts';
import type { IntentExample } from './intent-model.ts';

/** Beside this file; in a bundle, beside the bundle under a name of its own. */
const WORKER = new URL(import.meta.url.endsWith('.ts') ? './train-worker.ts' : './intent-trainer.js', import.meta.url);

export interface TrainAsideOptions extends AsideOptions {
  readonly seed: number;
}

/**
 * `trainIntentModel` in a thread of its own, so that this one goes on with its work; the same examples and seed give the
 * same bytes. Fails with `nlu.training-failed` where the thread dies, `nlu.training-stopped` by the signal.
 */
export const trainAside = (
  examples: readonly IntentExample[],
  { seed, ...options }: TrainAsideOptions,
): Promise<Uint8Array> => trainInThread(WORKER, { examples, seed }, options);
