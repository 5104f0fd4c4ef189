import type { Hosting } from '../../functions/index.ts';
import type { TelemetryEnvironment } from '../../shared/telemetry/config.ts';

/** What a platform in one process is told. */
export interface PlatformOptions {
  /** Where everything is kept: the log, keys and passwords. */
  readonly dir: string;
  readonly port: number;
  readonly opsPort: number;
  readonly hosting: Hosting;
  /** `always` survives a power cut, and is slower. */
  readonly sync: 'always' | 'default';
  /** The folder of bots; absent: the demo bots. */
  readonly bots?: string;
  /** The bot that tenants' customers talk to; absent: the only one, or the shop's. */
  readonly bot?: string;
  /** Whether a shop and a bank that do not exist answer the actions of bots. */
  readonly withExampleServices?: boolean;
  /** For so many days the sound of calls is kept; absent: not at all. */
  readonly keepAudioDays?: number;
  readonly env: NodeJS.ProcessEnv;
  readonly telemetry: TelemetryEnvironment;
  readonly onProgress: (text: string) => void;
}
