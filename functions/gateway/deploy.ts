import type { Deployment } from '../../shared/deploy/deployment.ts';

/** Requests and open streams of events; a stream ends with the time limit, and its client resumes it. */
export const deployment: Deployment = {
  memory: '512Mi',
  cpu: '500m',
  concurrency: 400,
  timeoutSeconds: 600,
  model: false,
  scale: { min: 1, max: 50, lag: 1000 },
};
