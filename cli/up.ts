import { styleText } from 'node:util';
import type { Hosting } from '../functions/index.ts';
import { onStop } from '../functions/process.ts';
import { loadConfig } from '../shared/config/config.ts';
import { TelemetryEnvironment } from '../shared/telemetry/config.ts';
import { startPlatform, type Platform } from './platform.ts';
import { TENANTS } from './platform/tenants.ts';

/** What the command line gives; the rest is as a newcomer wants it. */
export interface UpOptions {
  readonly dir?: string;
  readonly port?: number;
  readonly opsPort?: number;
  readonly hosting?: Hosting;
  readonly sync?: 'always' | 'default';
  readonly bots?: string;
  readonly bot?: string;
  readonly withExampleServices?: boolean;
  readonly keepAudioDays?: number;
}

const DEFAULTS = {
  dir: '.turnstream',
  port: 8080,
  opsPort: 9090,
  hosting: 'chained',
  sync: 'always',
  withExampleServices: false,
} as const;

/** Starts a platform and keeps it running until Ctrl-C. Says where to look and what to try. */
export async function up(given: UpOptions): Promise<void> {
  const options = { ...DEFAULTS, ...given };
  const telemetry = loadConfig(TelemetryEnvironment, process.env);
  const platform = await startPlatform({
    ...options,
    env: process.env,
    telemetry,
    onProgress: (text) => void process.stderr.write(`${text}\n`),
  });
  onStop(async () => {
    process.stderr.write('stopping …\n');
    await platform.stop();
  });
  process.stdout.write(welcome(platform, options.dir));
}

function welcome({ url, opsUrl, natsUrl, examplesUrl, apiKeys }: Platform, dir: string): string {
  const title = (text: string) => styleText('bold', text);
  const quiet = (text: string) => styleText('dim', text);
  const [, ...others] = TENANTS;
  return [
    '',
    `${title('Turnstream')} runs. Ctrl-C stops it; starting again goes on where it was.`,
    '',
    `  chat and watch    ${styleText('cyan', url)}`,
    `  the API           ${url}/openapi.json`,
    `  health, metrics   ${opsUrl}/readyz  ${opsUrl}/metrics`,
    `  the log           ${natsUrl} ${quiet(`(kept in ${dir})`)}`,
    ...(examplesUrl === undefined ? [] : [`  shop and bank     ${examplesUrl} ${quiet('(for actions)')}`]),
    '',
    'Try',
    '',
    `  curl -s ${url}/v1/chat -H 'content-type: application/json' \\`,
    `    -d '{"sessionId": "me", "query": "where is my parcel?"}'`,
    // Commands find a platform by themselves in the folder that is its own unless another is named.
    `  ${dir === DEFAULTS.dir ? '' : `TURNSTREAM_DIR=${dir} `}npm run turnstream -- chat`,
    '',
    'Without a key you are the tenant demo. Keys of the other two, for seeing that they share nothing:',
    '',
    ...others.map((id) => `  ${id.padEnd(8)} ${apiKeys[id] ?? ''}`),
    '',
    '',
  ].join('\n');
}
