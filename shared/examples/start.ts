import { Hono } from 'hono';
import { verifiedBody } from '../egress/signature.ts';
import { serve } from '../http/serve.ts';
import { bank, type Transfer } from './bank.ts';
import { shop, type Refund } from './shop.ts';

/** The systems of a shop and a bank that do not exist, for demo bots and tests. */
export interface Examples {
  readonly url: string;
  /** What was really done. */
  readonly refunds: readonly Refund[];
  readonly transfers: readonly Transfer[];
  readonly blocked: ReadonlySet<string>;
  readonly stop: () => Promise<void>;
}

/**
 * Serves them on loopback: `/orders/:number`, `/refunds`, `/accounts/main/balance`, `/cards/:digits`, `/transfers`.
 * With a secret, only requests are answered that are signed with it.
 *
 * @param options.port 0: any free one.
 */
export async function startExamples(options: { readonly port: number; readonly secret?: string }): Promise<Examples> {
  const { port, secret } = options;
  const shopping = shop();
  const banking = bank();
  const app = new Hono();
  if (secret !== undefined) {
    app.use(async (c, next) => {
      const body = await c.req.raw.clone().text();
      if (!verifiedBody([secret], c.req.header(), body, new Date())) return c.json({ error: 'not signed' }, 401);
      await next();
      return undefined;
    });
  }
  app.route('/', shopping.app);
  app.route('/', banking.app);
  const serving = await serve(app, { hostname: '127.0.0.1', port });
  return {
    url: serving.url,
    refunds: shopping.refunds,
    transfers: banking.transfers,
    blocked: banking.blocked,
    stop: () => serving.close(),
  };
}
