import type { Deployment } from '../../shared/deploy/deployment.ts';
import { LONGEST_MS } from '../../shared/bot/actions.ts';

/** Waits for the servers of others, so that no turn that needs none of them waits behind it. */
export const deployment: Deployment = {
  memory: '384Mi',
  cpu: '100m',
  concurrency: 128,
  timeoutSeconds: 20,
  breakerMs: LONGEST_MS,
  model: false,
  scale: { min: 0, max: 50, lag: 100 },
};
