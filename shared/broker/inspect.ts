import { failed, run } from './command.ts';
import type { Environment, Failed } from './command.ts';
import { isSupported, MINIMUM } from './version.ts';

/** A nats-server that runs on this machine and is new enough. */
export interface Usable {
  readonly kind: 'usable';
  readonly path: string;
  readonly version: string;
}

/** Asks the binary itself: a file with the right name may be for another machine, too old, or half written. */
export async function inspect(path: string, env: Environment): Promise<Usable | Failed> {
  const asked = await run(path, ['--version'], { env, limitMs: 10_000 });
  if (asked.kind === 'failed') return asked;
  const version = /\bv?(\d+\.\d+\.\d+\S*)/.exec(asked.output)?.[1];
  if (version === undefined) return failed(`${path} does not say that it is a nats-server`);
  if (!isSupported(version)) return failed(`${path} is version ${version}, and ${MINIMUM} is needed`);
  return { kind: 'usable', path, version };
}
