import type { Deployment } from '../../shared/deploy/deployment.ts';

/** Computes, and holds what the bots look for. */
export const deployment: Deployment = {
  memory: '512Mi',
  cpu: '500m',
  concurrency: 16,
  timeoutSeconds: 20,
  model: true,
  scale: { min: 0, max: 100, lag: 50 },
};
