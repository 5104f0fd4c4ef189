import * as v from 'valibot';
import { LEVELS, type Level } from './logger.ts';

const ratio = v.pipe(v.string(), v.toNumber(), v.minValue(0), v.maxValue(1));

/** The samplers of the OpenTelemetry specification. All of them follow the parent here: one trace covers a turn. */
const SAMPLERS = [
  'parentbased_traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'traceidratio',
  'always_on',
  'always_off',
] as const;

/** What telemetry takes from the environment. The other standard `OTEL_…` variables are read by its exporter. */
export const TelemetryEnvironment = v.object({
  TURNSTREAM_LOG_LEVEL: v.optional(v.picklist(LEVELS), 'info'),
  /** Where spans go; without it no span is made. */
  OTEL_EXPORTER_OTLP_ENDPOINT: v.exactOptional(v.pipe(v.string(), v.url())),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: v.exactOptional(v.pipe(v.string(), v.url())),
  OTEL_TRACES_SAMPLER: v.optional(v.picklist(SAMPLERS), 'parentbased_traceidratio'),
  /** The share of turns that is traced. */
  OTEL_TRACES_SAMPLER_ARG: v.optional(ratio, '0.1'),
});
export type TelemetryEnvironment = v.InferOutput<typeof TelemetryEnvironment>;

/** How a process is watched. */
export interface TelemetryConfig {
  /** The name of the process in traces, metrics and logs, for example `turnstream-gateway`. */
  readonly service: string;
  readonly logLevel: Level;
  /** The share of turns that is traced, where there is somewhere to send spans to. */
  readonly sampleRatio: number;
  /** Whether spans are sent to the collector that the environment names. */
  readonly exportSpans: boolean;
}

/** The configuration of a process with this name. */
export function telemetryConfig(service: string, env: TelemetryEnvironment): TelemetryConfig {
  const endpoint = env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? env.OTEL_EXPORTER_OTLP_ENDPOINT;
  return {
    service,
    logLevel: env.TURNSTREAM_LOG_LEVEL,
    sampleRatio: ratioOf(env),
    exportSpans: endpoint !== undefined,
  };
}

function ratioOf({ OTEL_TRACES_SAMPLER: sampler, OTEL_TRACES_SAMPLER_ARG: share }: TelemetryEnvironment): number {
  if (sampler.endsWith('always_on')) return 1;
  return sampler.endsWith('always_off') ? 0 : share;
}
