import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** A process that is started again whenever it dies, as an orchestrator would. */
export interface Supervised {
  /** How often it died. */
  readonly deaths: () => number;
  /** Arguments of the next starts, first come, first served; then none. */
  readonly nextStart: (args: readonly string[]) => void;
  /** Resolves when the process that runs now says that it is ready, with what it says. */
  readonly ready: () => Promise<string>;
  /** Kills it, as a crash would. */
  readonly kill: () => void;
  /** Lets it go on where it had stopped itself. */
  readonly resume: () => void;
  readonly stop: () => Promise<void>;
}

/** Starts `node <entry> <args>` next to this file and keeps it running. `first`: more arguments for the first start. */
export function supervise(
  entry: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  first: readonly string[] = [],
): Supervised {
  const path = fileURLToPath(new URL(entry, import.meta.url));
  const starts: (readonly string[])[] = [first];
  let deaths = 0;
  let stopping = false;
  let child: ChildProcess;
  let ready: Promise<string>;
  let gone: Promise<void>;

  const start = () => {
    const extra = starts.shift() ?? [];
    child = spawn(process.execPath, [path, ...args, ...extra], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const started = child;
    ready = new Promise((resolve) => {
      started.stdout?.on('data', (chunk: Buffer) => {
        if (chunk.includes('ready')) resolve(chunk.toString());
      });
    });
    gone = new Promise((resolve) => {
      started.once('exit', () => {
        if (stopping) {
          resolve();
          return;
        }
        deaths++;
        start();
      });
    });
  };
  start();
  return {
    deaths: () => deaths,
    nextStart: (more) => void starts.push(more),
    ready: () => ready,
    kill: () => void child.kill('SIGKILL'),
    resume: () => void child.kill('SIGCONT'),
    async stop() {
      stopping = true;
      child.kill('SIGKILL');
      await gone;
    },
  };
}
