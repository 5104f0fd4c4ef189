import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { endingWithParent } from '../../shared/broker/guard.ts';

const READY_LIMIT_MS = 30_000;
const STOP_LIMIT_MS = 20_000;
const KEPT_CHARACTERS = 4_000;

/** A process that a bench started. */
export interface Child {
  readonly name: string;
  readonly pid: number;
  /** The line by which it said that it is ready. */
  readonly ready: string;
  /** Ends it politely, and by force if it does not go. Fails if it had ended by itself before. */
  stop(): Promise<void>;
  /** Ends it as a crash would. */
  kill(): Promise<void>;
}

export interface ChildOptions {
  readonly name: string;
  /** What Node runs: a file and its arguments. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Recognises the line on standard output that says it is ready. */
  readonly isReady: (line: string) => boolean;
}

/** Starts a Node process and resolves when it says that it is ready. It ends with this process at the latest. */
export async function startChild({ name, args, env, isReady }: ChildOptions): Promise<Child> {
  const [file, ...rest] = await endingWithParent([process.execPath, ...args]);
  const child = spawn(file, rest, { env: { ...inherited(), ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  const hear = (chunk: Buffer) => {
    said = (said + chunk.toString('utf8')).slice(-KEPT_CHARACTERS);
  };
  child.stderr.on('data', hear);
  const ready = await readyLine(child, name, isReady, () => said).catch((error: unknown) => {
    child.kill('SIGKILL');
    throw error;
  });
  child.stdout.on('data', hear);
  let stopping = false;
  const gone = () => child.exitCode !== null || child.signalCode !== null;
  const end = async (signal: NodeJS.Signals) => {
    if (gone() && !stopping) throw new Error(`${name} ended by itself: ${said.trim()}`);
    stopping = true;
    if (gone()) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    const force = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS);
    await exited;
    clearTimeout(force);
  };
  return { name, pid: child.pid ?? 0, ready, stop: () => end('SIGTERM'), kill: () => end('SIGKILL') };
}

/** What a child needs of the surroundings, and none of the settings that would change what is measured. */
function inherited(): Record<string, string> {
  const kept = ['PATH', 'HOME', 'TMPDIR', 'LANG', 'XDG_CACHE_HOME', 'TURNSTREAM_NATS_SERVER', 'NODE_COMPILE_CACHE'];
  return Object.fromEntries(kept.flatMap((key) => (process.env[key] === undefined ? [] : [[key, process.env[key]]])));
}

function readyLine(
  child: ChildProcess,
  name: string,
  isReady: (line: string) => boolean,
  said: () => string,
): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const settle = (act: () => void) => {
      clearTimeout(timer);
      child.stdout?.off('data', read);
      child.off('exit', exited).off('error', reject);
      act();
    };
    const fail = (why: string) => {
      settle(() => {
        reject(new Error(`${name} ${why}: ${(said() || text).trim()}`));
      });
    };
    const exited = () => {
      fail('ended before it was ready');
    };
    const read = (chunk: Buffer) => {
      text += chunk.toString('utf8');
      const line = text.split('\n').slice(0, -1).find(isReady);
      if (line !== undefined) {
        settle(() => {
          resolve(line);
        });
      }
    };
    const timer = setTimeout(() => {
      fail('was not ready in time');
    }, READY_LIMIT_MS);
    child.stdout?.on('data', read);
    child.once('exit', exited).once('error', reject);
  });
}
