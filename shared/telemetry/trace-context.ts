import { randomFillSync } from 'node:crypto';
import { TraceFlags, type SpanContext } from '@opentelemetry/api';

const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})/u;

/** Reads a W3C `traceparent`; undefined for what is none. Newer versions are read as far as they are known. */
export function readTraceparent(text: string | undefined): SpanContext | undefined {
  const [, traceId, spanId, flags] = (text && TRACEPARENT.exec(text)) || [];
  if (!traceId || !spanId || !flags) return undefined;
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & TraceFlags.SAMPLED, isRemote: true };
}

/** The `traceparent` of a span. */
export const traceparentOf = ({ traceId, spanId, traceFlags }: SpanContext): string =>
  `00-${traceId}-${spanId}-${traceFlags & TraceFlags.SAMPLED ? '01' : '00'}`;

/** Whether the spans below this one are wanted. Looks at one digit, since every step of every turn asks. */
export const isSampled = (traceparent: string | undefined): traceparent is string =>
  traceparent !== undefined && (Number.parseInt(traceparent.charAt(54), 16) & TraceFlags.SAMPLED) === 1;

// Chance is fetched for many ids at a time: each request begins a trace.
const ID_BYTES = 24;
const pool = Buffer.alloc(ID_BYTES * 256);
let used = pool.length;

/** The beginning of a trace that nobody records: it only ties a turn's events together. */
export function unsampledTraceparent(): string {
  if (used + ID_BYTES > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const ids = pool.toString('hex', used, (used += ID_BYTES));
  return `00-${ids.slice(0, 32)}-${ids.slice(32)}-00`;
}

/** The same trace, not to be recorded. */
export const unsampled = (context: SpanContext): string => traceparentOf({ ...context, traceFlags: TraceFlags.NONE });
