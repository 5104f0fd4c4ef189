import type { Deployment } from '../../shared/deploy/deployment.ts';
import { POST_TIMEOUT_MS } from '../../shared/egress/post.ts';

/** Waits for the servers of tenants, up to the time limit of a call. */
export const deployment: Deployment = {
  memory: '384Mi',
  cpu: '100m',
  concurrency: 128,
  timeoutSeconds: 40,
  breakerMs: POST_TIMEOUT_MS,
  model: false,
  scale: { min: 0, max: 20, lag: 200 },
};
