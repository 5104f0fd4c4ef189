import { getRequestListener } from '@hono/node-server';
import { listen, type ServeOptions, type Serving } from './listen.ts';

/** What is served: a hono app, or anything that answers like one. */
export interface Served {
  readonly fetch: (request: Request, env: object) => Response | Promise<Response>;
}

/** Serves an app over HTTP. Fails with `http.cannot-listen` (never) where the address is taken or not ours. */
export function serve(app: Served, options: ServeOptions): Promise<Serving> {
  const { hostname } = options;
  const answer = getRequestListener((request, env) => app.fetch(request, env), { hostname });
  return listen((incoming, outgoing) => void answer(incoming, outgoing), options);
}

export type { ServeOptions, Serving, ServerLimits } from './listen.ts';
