import { execFile } from 'node:child_process';
import { availableParallelism, cpus, release, totalmem, type } from 'node:os';
import { promisify } from 'node:util';
import { findServer } from '../../shared/broker/find.ts';

/** What the figures were measured on. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly kernel: string;
  readonly node: string;
  readonly natsServer: string;
}

/** Describes this machine, without its name or anything else that tells whose it is. */
export async function describeMachine(): Promise<Machine> {
  const { version } = await findServer({ env: process.env, server: process.env['TURNSTREAM_NATS_SERVER'] });
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    kernel: `${type()} ${release()}`,
    node: process.version,
    natsServer: version,
  };
}

/** The revision of this checkout, with a plus where it has changes; undefined outside of one. */
export async function revision(): Promise<string | undefined> {
  const git = async (...args: string[]) => (await promisify(execFile)('git', args)).stdout.trim();
  try {
    const [commit, changes] = await Promise.all([git('rev-parse', '--short', 'HEAD'), git('status', '--porcelain')]);
    return changes ? `${commit}+` : commit;
  } catch {
    return undefined;
  }
}
