import { PlatformError } from '../errors/index.ts';

/** `model.invalid` (never): a model that must not be used, with the file that is to blame and why. */
export const modelInvalid = (file: string, reason: string, cause?: unknown): PlatformError =>
  new PlatformError('model.invalid', `${file}: ${reason}`, { retry: 'never', cause });
