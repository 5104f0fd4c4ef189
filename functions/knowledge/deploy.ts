import type { Deployment } from '../../shared/deploy/deployment.ts';

/** Holds an index of each base that is asked, and computes vectors of what is new in it. */
export const deployment: Deployment = {
  memory: '768Mi',
  cpu: '500m',
  concurrency: 16,
  timeoutSeconds: 20,
  model: true,
  scale: { min: 0, max: 50, lag: 50 },
};
