import type { MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';

/**
 * Refuses bodies of more than so many bytes, with an answer of the caller's. Where the length is told, the server holds
 * the client to it, and nothing else is looked at: asking for the body as a stream costs a tenth of a short request.
 */
export function limitedBody(maxBytes: number, refuse: () => Response): MiddlewareHandler {
  const counting = bodyLimit({ maxSize: maxBytes, onError: refuse });
  return (c, next) => {
    const { headers } = c.req.raw;
    const length = headers.get('content-length');
    if (length === null || headers.has('transfer-encoding')) return counting(c, next);
    return Number(length) > maxBytes ? Promise.resolve(refuse()) : next();
  };
}
