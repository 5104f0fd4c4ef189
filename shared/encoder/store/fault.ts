import { PlatformError, type Retry } from '../../errors/index.ts';

/**
 * What can go wrong with models on disk and on their way: `models.unknown`, `models.unreachable`, `models.refused` (the
 * source says no), `models.wrong-bytes`, `models.too-large`, `models.no-space`, `models.busy` (another process pulls it).
 */
export type ModelsFault = 'unknown' | 'unreachable' | 'refused' | 'wrong-bytes' | 'too-large' | 'no-space' | 'busy';

export const modelsFault = (code: ModelsFault, message: string, retry: Retry = 'never', cause?: unknown) =>
  new PlatformError(`models.${code}`, message, { retry, cause });
