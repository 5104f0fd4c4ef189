import type { Logger } from './logger.ts';
import type { Metrics } from './metrics.ts';
import type { RequestSpan, Tracing } from './spans.ts';

/** Watches what a gateway does. */
export interface GatewayWatch {
  /** A request to a route (its pattern, never its path) has come in; `traceparent` as the client sent it. */
  request(method: string, route: string, traceparent: string | undefined): RequestSpan;
  /** A turn that this gateway accepted has ended; `ending` is the type of the event that ended it. */
  turn(ending: string, ms: number): void;
  /** A request failed in a way that nobody expected. */
  failed(route: string, error: unknown): void;
}

/** The watch of a gateway over its requests and turns. */
export function gatewayWatch(metrics: Metrics, tracing: Tracing, logger: Logger): GatewayWatch {
  return {
    request(method, route, traceparent) {
      const started = performance.now();
      const span = tracing.request(method, route, traceparent);
      return {
        traceparent: span.traceparent,
        end(status) {
          span.end(status);
          metrics.request(method, route, status, performance.now() - started);
        },
      };
    },
    turn(ending, ms) {
      metrics.turnTook(ending.replace(/^turn\./u, ''), ms);
    },
    failed(route, error) {
      logger.error('a request failed', { route }, error);
    },
  };
}
