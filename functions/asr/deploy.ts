import type { Deployment } from '../../shared/deploy/deployment.ts';

/** Listens to some hundred calls with the model that is shipped. Large engines need more of both. */
export const deployment: Deployment = {
  memory: '512Mi',
  cpu: '1',
  concurrency: 200,
  timeoutSeconds: 30,
  model: true,
  // Somebody has to listen from the first word on: a start from zero would take longer than that.
  scale: { min: 1, max: 50, lag: 500 },
};
