import type { Deployment } from '../../shared/deploy/deployment.ts';

/** Computes more than the others, and holds a classifier for each bot. */
export const deployment: Deployment = {
  memory: '768Mi',
  cpu: '500m',
  concurrency: 16,
  timeoutSeconds: 20,
  model: true,
  scale: { min: 0, max: 100, lag: 50 },
};
