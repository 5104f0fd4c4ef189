import type { Deployment } from '../../shared/deploy/deployment.ts';

/** All functions of a turn in one process, with one delivery for each turn. */
export const deployment: Deployment = {
  memory: '1Gi',
  cpu: '1',
  concurrency: 64,
  timeoutSeconds: 20,
  model: true,
  scale: { min: 0, max: 300, lag: 100 },
};
