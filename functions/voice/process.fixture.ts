import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { hashOfKey } from '../../shared/tenancy/api-key.ts';
import { TENANT } from '../../shared/testing/rig.ts';
import { API_KEY, SESSION_KEY, type CallPlatform } from './platform.fixture.ts';

/** A process of its own that takes calls, as it is shipped. */
export interface VoiceProcess {
  readonly child: ChildProcess;
  readonly url: string;
  /** Kills it where it still runs, and removes its folder. */
  end(): Promise<void>;
}

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));

/** Starts one beside those of a platform; resolves when it says that it is ready. */
export async function startVoiceProcess(
  { broker }: CallPlatform,
  env: Readonly<Record<string, string>> = {},
): Promise<VoiceProcess> {
  const dir = await mkdtemp(join(tmpdir(), 'turnstream-voice-'));
  const tenants = join(dir, 'tenants.yml');
  const tenant = { bot: 'shop-helpdesk', keys: [hashOfKey(API_KEY)] };
  await writeFile(tenants, JSON.stringify({ tenants: { [TENANT]: tenant } }));
  const child = spawn(process.execPath, [MAIN], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...process.env,
      TURNSTREAM_NATS_URL: broker.url,
      TURNSTREAM_TENANTS: tenants,
      TURNSTREAM_SESSION_KEY: SESSION_KEY,
      TURNSTREAM_HOST: '127.0.0.1',
      TURNSTREAM_PORT: '0',
      TURNSTREAM_OPS_PORT: '0',
      TURNSTREAM_LOG_LEVEL: 'error',
      ...env,
    },
  });
  const end = async () => {
    child.kill('SIGKILL');
    await rm(dir, { recursive: true, force: true });
  };
  for await (const line of createInterface(child.stdout)) {
    if (!line.includes('"ready"')) continue;
    // Nobody reads any more: what it says must not fill the pipe.
    child.stdout.resume();
    return { child, url: (JSON.parse(line) as { readonly url: string }).url, end };
  }
  await end();
  throw new Error('it did not start');
}
