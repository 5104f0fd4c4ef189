import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'microsoft-edge', 'chrome'];
const PLACES = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
];
const INSTALL_LIMIT_MS = 240_000;

/** A browser for tests, or why there is none. */
export type FoundBrowser = { readonly path: string } | { readonly missing: string };

/**
 * Finds a Chromium: the one that is named by TURNSTREAM_TEST_BROWSER, one that is installed, or one that Debian's
 * package manager installs now, where this process may do that. Never throws: without one, the suite that needs it
 * says that it was skipped, and why.
 */
export async function findBrowser(env: NodeJS.ProcessEnv = process.env): Promise<FoundBrowser> {
  const named = env['TURNSTREAM_TEST_BROWSER'];
  if (named) return (await runs(named)) ? { path: named } : { missing: `${named} cannot be run` };
  const found = await installed(env);
  if (found) return { path: found };
  if (process.getuid?.() !== 0 || !(await onPath('apt-get', env))) {
    return { missing: `none of ${NAMES.join(', ')} is installed, and only root can install one with apt-get` };
  }
  const failure = await install();
  const now = await installed(env);
  return now ? { path: now } : { missing: `apt-get could not install chromium: ${failure ?? 'it is still not there'}` };
}

/** What Chromium is started with: in a container there is no user for its sandbox. */
export const BROWSER_ARGS = ['--no-sandbox', '--disable-background-networking', '--disable-dev-shm-usage'] as const;

async function installed(env: NodeJS.ProcessEnv): Promise<string | undefined> {
  for (const name of NAMES) {
    const path = await onPath(name, env);
    if (path) return path;
  }
  for (const path of PLACES) if (await runs(path)) return path;
  return undefined;
}

async function onPath(name: string, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  for (const folder of (env['PATH'] ?? '').split(delimiter)) {
    const path = join(folder, name);
    if (folder && (await runs(path))) return path;
  }
  return undefined;
}

const runs = (path: string): Promise<boolean> =>
  access(path, constants.X_OK).then(
    () => true,
    () => false,
  );

/** Returns why it failed; undefined when it did not. */
async function install(): Promise<string | undefined> {
  const apt = (...args: readonly string[]) =>
    promisify(execFile)('apt-get', ['-q', ...args], {
      timeout: INSTALL_LIMIT_MS,
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      maxBuffer: 1 << 26,
    });
  try {
    await apt('update');
    await apt('install', '-y', '--no-install-recommends', 'chromium', 'fonts-noto-cjk');
    return undefined;
  } catch (error) {
    const { message } = error as Error;
    return message.split('\n', 1)[0];
  }
}
