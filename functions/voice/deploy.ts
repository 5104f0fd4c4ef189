import type { Deployment } from '../../shared/deploy/deployment.ts';

/** Carries sound: some hundred calls, whose sockets end with it. It stops when the last of them is over, or cut off. */
export const deployment: Deployment = {
  memory: '512Mi',
  cpu: '500m',
  concurrency: 200,
  timeoutSeconds: 600,
  model: false,
  scale: { min: 1, max: 50, lag: 1000 },
};
