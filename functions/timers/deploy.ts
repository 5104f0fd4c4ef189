import type { Deployment } from '../../shared/deploy/deployment.ts';

/** Turns ticks into events, a handful of CPU each. */
export const deployment: Deployment = {
  memory: '256Mi',
  cpu: '50m',
  concurrency: 100,
  timeoutSeconds: 20,
  model: false,
  scale: { min: 0, max: 10, lag: 500 },
};
