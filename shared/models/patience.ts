import { setTimeout as delay } from 'node:timers/promises';
import { PlatformError } from '../errors/index.ts';

/** Less than a run of a function may take: what is not ready by then is waited for without being counted as failed. */
const PATIENCE_MS = 700;
/** After so long whoever found something not ready may ask again. */
export const AGAIN_MS = 100;

/** What a model is found to be, or `model.not-ready` (retry later) where finding it takes longer than a function may. */
export async function withinPatience<T>(finding: Promise<T>): Promise<T> {
  const late = new AbortController();
  const limit = delay(PATIENCE_MS, undefined, { signal: late.signal }).then(() => {
    const message = 'the model of a bot is not ready yet';
    throw new PlatformError('model.not-ready', message, { retry: 'later', retryAfterMs: AGAIN_MS });
  });
  limit.catch(() => undefined);
  return Promise.race([finding, limit]).finally(() => {
    late.abort();
  });
}
