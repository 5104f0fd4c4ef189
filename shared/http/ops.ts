import { listen, type ServeOptions, type Serving } from './listen.ts';
import { SECURITY } from './security.ts';

/** What operators ask a process. */
export interface OpsOptions {
  /** Whether requests should come here: the log answers, and the process is not stopping. */
  readonly ready: () => boolean;
  /** Metrics in Prometheus' text form. */
  readonly metrics: () => string | Promise<string>;
}

interface Page {
  readonly status: number;
  readonly body: string;
  readonly type?: string;
}

/**
 * Serves health, readiness and metrics, on a port that customers do not reach. Without a framework: every process does,
 * and would load one before its first event. Fails as `listen` does.
 */
export function serveOps(options: OpsOptions, at: ServeOptions): Promise<Serving> {
  return listen((request, response) => {
    const answer = ({ status, body, type = 'text/plain; charset=utf-8' }: Page) => {
      response.writeHead(status, { ...SECURITY, 'content-type': type, 'content-length': Buffer.byteLength(body) });
      response.end(request.method === 'HEAD' ? undefined : body);
    };
    pageAt(request.url?.split('?')[0] ?? '', options).then(answer, () => {
      answer({ status: 500, body: 'failed\n' });
    });
  }, at);
}

async function pageAt(path: string, { ready, metrics }: OpsOptions): Promise<Page> {
  switch (path) {
    case '/healthz':
      return { status: 200, body: 'ok\n' };
    case '/readyz':
      return ready() ? { status: 200, body: 'ready\n' } : { status: 503, body: 'not ready\n' };
    case '/metrics':
      return { status: 200, body: await metrics(), type: 'text/plain; version=0.0.4; charset=utf-8' };
    default:
      return { status: 404, body: 'not found\n' };
  }
}
