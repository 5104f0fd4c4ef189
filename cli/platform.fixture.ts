import { loadConfig } from '../shared/config/config.ts';
import { TelemetryEnvironment } from '../shared/telemetry/config.ts';
import { startPlatform, type Platform } from './platform.ts';
import type { PlatformOptions } from './platform/options.ts';

/** Starts a platform for a test: in a folder of the test's own, on free ports. */
export const testPlatform = (options: Pick<PlatformOptions, 'dir'> & Partial<PlatformOptions>): Promise<Platform> =>
  startPlatform({
    port: 0,
    opsPort: 0,
    hosting: 'chained',
    sync: 'default',
    env: process.env,
    telemetry: loadConfig(TelemetryEnvironment, {}),
    onProgress: () => undefined,
    ...options,
  });
