import type { Deployment } from '../../shared/deploy/deployment.ts';

/** Runs from time to time; holds what it writes into one file. */
export const deployment: Deployment = {
  memory: '1Gi',
  cpu: '250m',
  concurrency: 1,
  timeoutSeconds: 600,
  model: false,
  scale: { min: 0, max: 1, lag: 1 },
};
