import { Hono } from 'hono';
import { SECURITY } from './security.ts';

/** What operators ask a process. */
export interface OpsOptions {
  /** Whether requests should come here: the log answers, and the process is not stopping. */
  readonly ready: () => boolean;
  /** Metrics in Prometheus' text form. */
  readonly metrics: () => string | Promise<string>;
}

/** Health, readiness and metrics, for a port that customers do not reach. */
export function ops({ ready, metrics }: OpsOptions): Hono {
  const app = new Hono();
  const text = (body: string, status = 200) =>
    new Response(body, { status, headers: { ...SECURITY, 'content-type': 'text/plain; charset=utf-8' } });
  app.get('/healthz', () => text('ok\n'));
  app.get('/readyz', () => (ready() ? text('ready\n') : text('not ready\n', 503)));
  app.get('/metrics', async () => {
    const body = await metrics();
    return new Response(body, { headers: { ...SECURITY, 'content-type': 'text/plain; version=0.0.4; charset=utf-8' } });
  });
  app.notFound(() => text('not found\n', 404));
  return app;
}
