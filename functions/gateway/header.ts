import type { IncomingMessage } from 'node:http';
import type { Context } from 'hono';

/** What the server underneath hands to hono; nothing in tests without a server. */
export interface Bindings {
  readonly incoming?: IncomingMessage;
  readonly outgoing?: { destroy(): void };
}

/** What the server underneath hands to hono. */
export const bindingsOf = (c: Context): Bindings => (c.env ?? {}) as Bindings;

/** A header of a request, by its name in lower case. Where a server has parsed it already, it is not parsed again. */
export function headerOf(c: Context, name: string): string | undefined {
  const { incoming } = bindingsOf(c);
  return incoming ? (incoming.headers[name] as string | undefined) : c.req.header(name);
}
