import type { Deployment } from '../../shared/deploy/deployment.ts';

/** Hardly computes; remembers the state of sessions. */
export const deployment: Deployment = {
  memory: '384Mi',
  cpu: '250m',
  concurrency: 32,
  timeoutSeconds: 20,
  model: false,
  scale: { min: 0, max: 100, lag: 100 },
};
