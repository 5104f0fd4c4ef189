import { InferenceSession } from 'onnxruntime-node';
import { keepSilent } from '../encoder/silent.ts';

/**
 * Opens a model so small that a run of it blocks for less than it would take to hand it over: one thread, which is the
 * caller's. Fails as the runtime does.
 */
export function openOnnx(file: string): Promise<InferenceSession> {
  keepSilent();
  return InferenceSession.create(file, {
    executionProviders: ['cpu'],
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    // Failures are thrown; what it would write beside that is for its makers.
    logSeverityLevel: 4,
  });
}
