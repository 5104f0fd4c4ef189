/** A request that is being watched. */
export interface RequestWatch {
  /** The trace context of what the request writes into the log: version 00 of W3C Trace Context, or nothing. */
  readonly traceparent: string | undefined;
  /** An answer was made. For a stream: it was opened. */
  end(status: number): void;
}

/** Watches what the gateway does. */
export interface Watch {
  /** A request has come in. `route`: as the OpenAPI document names it; `traceparent`: the header, unchecked. */
  request(method: string, route: string, traceparent: string | undefined): RequestWatch;
  /** A turn that this gateway accepted has ended; `ending`: the type of the event, or `unknown`. */
  turn(ending: string, ms: number): void;
  /** Something failed that nobody expected to. The error never holds customer content. */
  failed?(route: string, error: unknown): void;
}

const TRACEPARENT = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/u;

/** Watches nothing, and hands on the caller's own trace. */
export const unwatched: Watch = {
  request: (_method, _route, traceparent) => ({
    traceparent: traceparent !== undefined && TRACEPARENT.test(traceparent) ? traceparent : undefined,
    end: () => undefined,
  }),
  turn: () => undefined,
};
