import { PlatformError } from '../errors/index.ts';

/** What the server answers instead of a result. */
export interface ApiError {
  /** As in HTTP. */
  readonly code?: number;
  readonly err_code?: number;
  readonly description?: string;
}

const TOO_LARGE = 10054;

/** Nobody could answer for the log, or not in time. What was asked may have been done. */
export const unavailable = (message: string, cause?: unknown): PlatformError =>
  new PlatformError('log.unavailable', message, { retry: 'later', retryAfterMs: 1_000, cause });

/** More than the store takes in one message. */
export const tooLarge = (cause?: unknown): PlatformError =>
  new PlatformError('log.too-large', 'an event is larger than the log takes', { retry: 'never', cause });

/** The server's refusal in our words. Without a leader or a place to write it is the log that is away. */
export function refusal(what: string, { code = 0, err_code: detail = 0 }: ApiError): PlatformError {
  if (detail === TOO_LARGE) return tooLarge();
  if (code >= 500) return unavailable(`the log cannot do ${what} now (${detail})`);
  const message = `the log refused ${what} (${detail || code})`;
  return new PlatformError('log.refused', message, { retry: 'later', retryAfterMs: 1_000 });
}
