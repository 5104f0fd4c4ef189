import type { MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';

/**
 * Refuses bodies of more than so many bytes, with an answer of the caller's. Where the length is told, the server holds
 * the client to it and refuses chunks beside it, and nothing else is looked at: asking for the body as a stream costs a tenth of a short request.
 */
export function limitedBody(maxBytes: number, refuse: () => Response): MiddlewareHandler {
  const counting = bodyLimit({ maxSize: maxBytes, onError: refuse });
  return (c, next) => {
    const length = c.req.raw.headers.get('content-length');
    if (length === null) return counting(c, next);
    return Number(length) > maxBytes ? Promise.resolve(refuse()) : next();
  };
}
