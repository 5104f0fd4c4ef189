import type { Deployment } from '../../shared/deploy/deployment.ts';

/** Waits for functions; what it holds are the events under way. */
export const deployment: Deployment = {
  memory: '384Mi',
  cpu: '250m',
  concurrency: 256,
  timeoutSeconds: 40,
  model: false,
  scale: { min: 1, max: 300, lag: 1000 },
};
