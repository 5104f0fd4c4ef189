import type { Deployment } from '../../shared/deploy/deployment.ts';
import { TOTAL_MS } from './complete.ts';

/** Waits for language models, up to the time limit of a call. */
export const deployment: Deployment = {
  memory: '384Mi',
  cpu: '100m',
  concurrency: 128,
  timeoutSeconds: 20,
  breakerMs: TOTAL_MS,
  model: false,
  scale: { min: 0, max: 50, lag: 100 },
};
