import {
  context,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Attributes,
  type Span,
  type SpanContext,
  type Tracer,
} from '@opentelemetry/api';
import type { tracing } from '@opentelemetry/sdk-node';
import type { Envelope } from '../../events/envelope.ts';
import type { Telemetry } from '../runtime/host.ts';
import type { TelemetryConfig } from './config.ts';
import { isSampled, readTraceparent, traceparentOf, unsampled, unsampledTraceparent } from './trace-context.ts';

/** A request of which a turn may come. */
export interface RequestSpan {
  /** The trace context for what the request writes. */
  readonly traceparent: string;
  end(status: number): void;
}

/** Follows turns through the functions. */
export interface Tracing {
  readonly step: Telemetry['step'];
  /** A request to a route; `traceparent` as the client sent it. */
  request(method: string, route: string, traceparent: string | undefined): RequestSpan;
  stop(): Promise<void>;
}

const ended = () => undefined;

/** Makes no span, and hands on the trace context as it comes. */
export const untraced: Tracing = {
  step: (_name, event, run) => run(event.traceparent),
  request(_method, _route, traceparent) {
    const parent = readTraceparent(traceparent);
    return { traceparent: parent ? unsampled(parent) : unsampledTraceparent(), end: ended };
  },
  stop: () => Promise.resolve(),
};

/**
 * Sends spans to a collector, or to `exporter`. The SDK is loaded here and nowhere else, because loading it takes as
 * long as starting a function does.
 */
export async function startTracing(
  { service, sampleRatio }: TelemetryConfig,
  exporter?: tracing.SpanExporter,
): Promise<Tracing> {
  const { AlwaysOnSampler, NodeSDK, ParentBasedSampler, SimpleSpanProcessor } = await import('./sdk.ts');
  const sdk = new NodeSDK({
    serviceName: service,
    // What gets this far was chosen: at the gateway, or by whoever wrote the event.
    sampler: new ParentBasedSampler({ root: new AlwaysOnSampler() }),
    ...(exporter && { spanProcessors: [new SimpleSpanProcessor(exporter)] }),
    // Metrics are scraped, logs are lines on standard output.
    metricReaders: [],
    logRecordProcessors: [],
  });
  sdk.start();
  const tracer = trace.getTracer('turnstream');

  return {
    step(name, event, run) {
      // What is not sampled costs one comparison.
      const parent = isSampled(event.traceparent) ? readTraceparent(event.traceparent) : undefined;
      if (!parent) return run(event.traceparent);
      const span = begin(tracer, name, SpanKind.CONSUMER, parent, eventAttributes(event));
      const inside = trace.setSpan(ROOT_CONTEXT, span);
      return context.with(inside, () => finish(span, run(traceparentOf(span.spanContext()))));
    },

    request(method, route, traceparent) {
      const parent = readTraceparent(traceparent);
      // Clients join our traces to theirs, but how many are recorded is not theirs to say.
      const wanted = parent
        ? isSampled(traceparent) && fractionOf(parent.traceId) < sampleRatio
        : Math.random() < sampleRatio;
      if (!wanted) return untraced.request(method, route, traceparent);
      const attributes = { 'http.request.method': method, 'http.route': route };
      const span = begin(tracer, `${method} ${route}`, SpanKind.SERVER, parent, attributes);
      return {
        traceparent: traceparentOf(span.spanContext()),
        end(status) {
          span.setAttribute('http.response.status_code', status);
          if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
          span.end();
        },
      };
    },

    async stop() {
      await sdk.shutdown();
      trace.disable();
      context.disable();
    },
  };
}

/** Where in [0, 1) a trace id lies by its end, which is random: the same in every process that is asked. */
const fractionOf = (traceId: string): number => Number.parseInt(traceId.slice(-8), 16) / 2 ** 32;

function begin(
  tracer: Tracer,
  name: string,
  kind: SpanKind,
  parent: SpanContext | undefined,
  attributes: Attributes,
): Span {
  const above = parent ? trace.setSpanContext(ROOT_CONTEXT, parent) : ROOT_CONTEXT;
  return tracer.startSpan(name, { kind, attributes }, above);
}

const eventAttributes = (event: Envelope): Attributes => ({
  'messaging.system': 'nats',
  'messaging.operation.type': 'process',
  'messaging.message.id': event.id,
  'turnstream.event.type': event.type,
  'turnstream.tenant': event.tenant,
  'turnstream.session': event.session,
  ...(event.turn && { 'turnstream.turn': event.turn }),
});

async function finish<T>(span: Span, running: Promise<T>): Promise<T> {
  try {
    const result = await running;
    const { kind, error } = result as { readonly kind?: string; readonly error?: { readonly code: string } };
    if (kind) span.setAttribute('turnstream.outcome', kind);
    // The code and not the message, which for a foreign error may quote what it choked on.
    if (error) span.setStatus({ code: SpanStatusCode.ERROR, message: error.code });
    return result;
  } catch (error) {
    span.setStatus({ code: SpanStatusCode.ERROR });
    throw error;
  } finally {
    span.end();
  }
}
