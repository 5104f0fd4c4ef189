import { failed, onPath, run } from './command.ts';
import type { Environment, Failed } from './command.ts';
import { PINNED } from './version.ts';

export interface BuildOptions {
  readonly env: Environment;
  readonly limitMs: number;
  readonly platform: NodeJS.Platform;
  /** Folders besides PATH in which Go may lie. */
  readonly folders: readonly string[];
  readonly onProgress: (text: string) => void;
}

/** Builds the pinned version with the machine's Go, whose checksum database vouches for the source. */
export async function buildWithGo(
  dir: string,
  options: BuildOptions,
): Promise<{ readonly kind: 'done'; readonly file: string } | Failed> {
  const suffix = options.platform === 'win32' ? '.exe' : '';
  const [go] = await onPath(`go${suffix}`, options.env, options.folders);
  if (go === undefined) return failed(`no Go on PATH${options.folders.map((folder) => ` or in ${folder}`).join('')}`);

  const source = `github.com/nats-io/nats-server/v2@v${PINNED}`;
  options.onProgress(`building it with ${go} install ${source} (this takes half a minute)`);
  // GOOS and GOARCH would make it a program for another machine, which Go refuses to put into GOBIN.
  const env = { ...options.env, GOBIN: dir, CGO_ENABLED: '0', GOOS: undefined, GOARCH: undefined };
  const built = await run(go, ['install', source], { env, limitMs: options.limitMs, cwd: dir });
  return built.kind === 'failed' ? built : { kind: 'done', file: `nats-server${suffix}` };
}
