import type { Guard } from '../../shared/egress/breaker.ts';
import type { Answer, Post } from '../../shared/egress/post.ts';
import { PlatformError } from '../../shared/errors/index.ts';
import type { Attempt, Delivering } from './handler.ts';
import { signedHeaders } from '../../shared/egress/signature.ts';

const GONE = 410;

/**
 * Posts notifications as Standard Webhooks, each endpoint under a breaker of its own. Only 2xx is a success; a
 * redirect is not followed; 410 says that nobody wants this, now or later. What the endpoint answers besides its status
 * is read by nobody and written nowhere.
 */
export function webhooks(options: {
  readonly post: Post;
  readonly guard: Guard;
  readonly now: () => Date;
}): Delivering['post'] {
  const { post, guard, now } = options;
  return async ({ url, secrets, allowPrivate }, notification, signal) => {
    const { body } = notification;
    const call = async () => {
      const headers = {
        'content-type': 'application/json',
        'user-agent': 'turnstream',
        ...signedHeaders(secrets, notification, now()),
      };
      return accepted(await post({ url, headers, body, allowPrivate, signal }));
    };
    try {
      return { kind: 'delivered', status: await guard(url, call) };
    } catch (error) {
      if (error instanceof PlatformError) return failed(error);
      throw error;
    }
  };
}

/** Anything but a success is thrown, for the breaker to count. */
function accepted({ status, retryAfterMs }: Answer): number {
  if (status >= 200 && status <= 299) return status;
  throw new PlatformError('webhook.refused', `the endpoint answered ${status}`, {
    retry: status === GONE ? 'never' : 'later',
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  });
}

const failed = ({ message, retry, retryAfterMs }: PlatformError): Attempt => ({
  kind: 'failed',
  reason: message,
  final: retry === 'never',
  ...(retryAfterMs !== undefined && { retryAfterMs }),
});
