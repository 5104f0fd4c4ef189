import { describe, expect, it } from 'vitest';
import { loadConfig } from '../config/config.ts';
import { telemetryConfig, TelemetryEnvironment } from './config.ts';

const configOf = (env: Record<string, string>) => telemetryConfig('test', loadConfig(TelemetryEnvironment, env));

describe('the configuration of telemetry', () => {
  it('asks for nothing', () => {
    expect(configOf({})).toEqual({ service: 'test', logLevel: 'info', sampleRatio: 0.1, exportSpans: false });
  });

  it('sends spans where the standard variables say', () => {
    expect(configOf({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' }).exportSpans).toBe(true);
    expect(configOf({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://collector:4318/v1/traces' }).exportSpans).toBe(true);
  });

  it.each([
    [{ OTEL_TRACES_SAMPLER_ARG: '0.5' }, 0.5],
    [{ OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.25' }, 0.25],
    [{ OTEL_TRACES_SAMPLER: 'parentbased_always_on' }, 1],
    [{ OTEL_TRACES_SAMPLER: 'always_off', OTEL_TRACES_SAMPLER_ARG: '1' }, 0],
  ] as const)('takes the sampler from the standard variables: %j', (env, ratio) => {
    expect(configOf(env).sampleRatio).toBe(ratio);
  });

  it.each([{ OTEL_TRACES_SAMPLER_ARG: '1.5' }, { OTEL_TRACES_SAMPLER: 'often' }, { TURNSTREAM_LOG_LEVEL: 'loud' }])(
    'refuses to start on %j, naming the variable',
    (env) => {
      expect(() => configOf(env)).toThrow(Object.keys(env)[0]);
    },
  );
});
