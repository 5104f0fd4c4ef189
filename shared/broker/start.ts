import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { access, constants, mkdir, open, readFile, rm, statfs, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { PlatformError } from '../errors/index.ts';
import { lastLines, reasonOf } from './command.ts';
import { HOST, renderConfig } from './config.ts';
import type { ServerSettings } from './config.ts';
import { endingWithParent } from './guard.ts';
import { answers, probeUser, readPort, refuseSecondServer } from './ready.ts';

export type { BrokerUser, ClusterPlace } from './config.ts';

const POLL_MS = 5;
const STOP_LIMIT_MS = 30_000;
const LEAST_FREE_BYTES = 16 << 20;

export interface BrokerOptions extends ServerSettings {
  /** The nats-server to run, from `findServer`. */
  readonly binary: string;
  /** Where the server's log goes; by default beside the store. */
  readonly logFile?: string | undefined;
  /** How long it may take to start; reading a large store takes minutes. */
  readonly limitMs?: number | undefined;
}

export interface BrokerExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A nats-server that runs as a child of this process. */
export interface Broker {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Resolves when the server is gone, for whatever reason. */
  readonly exited: Promise<BrokerExit>;
  /** Ends it with this signal and resolves when it is gone. */
  readonly kill: (signal: 'SIGKILL' | 'SIGTERM' | 'SIGINT') => Promise<void>;
  /** Ends it politely, and by force if it does not go. */
  readonly stop: () => Promise<void>;
}

/**
 * Starts a nats-server and resolves when it takes connections and JetStream answers; in a cluster, when it takes
 * connections, because JetStream answers there only once a majority has started. Whoever starts it stops it; Ctrl-C
 * reaches the server as well as this process, and it does not outlive this process (killed by force: on Linux only).
 */
export async function startServer(options: BrokerOptions): Promise<Broker> {
  const { binary, cluster, dir, limitMs = 300_000, logFile = join(dir, 'nats-server.log') } = options;
  await access(binary, constants.X_OK).catch((cause: unknown) => {
    throw new PlatformError('broker.not-started', `${binary} is not there to be started`, { retry: 'never', cause });
  });
  const probe = options.users && probeUser(randomBytes(24).toString('base64url'));
  const users = options.users && probe && [...options.users, probe];
  const { config, log, logged } = await prepare(dir, logFile, renderConfig({ ...options, users }, logFile));
  // What is said before the configuration is read, and a panic, go to the same file.
  const [file, ...args] = await endingWithParent([binary, '-c', config]);
  // In a process group of its own: Ctrl-C in a terminal reaches whoever started it, who has to write before it goes.
  const child = spawn(file, args, {
    stdio: ['ignore', log.fd, log.fd],
    windowsHide: true,
    detached: true,
    // It shares the machine with everything that talks to it. Threads that look for work cost it a fifth of its CPU.
    env: { GOMAXPROCS: String(Math.max(1, Math.floor(availableParallelism() / 2))), ...process.env },
  });
  const exited = new Promise<BrokerExit>((resolve) => {
    child.once('exit', (code, signal) => {
      running.delete(child);
      resolve({ code, signal });
    });
  });
  const pid = await spawned(child, binary).finally(() => log.close());

  try {
    const end = Date.now() + limitMs;
    while (Date.now() < end) {
      if (child.exitCode !== null || child.signalCode !== null) throw stoppedEarly(await textFrom(logFile, logged));
      const port = await readPort(dir, pid);
      if (port !== undefined && (await answers(port, probe, !cluster))) return toBroker(child, pid, port, exited);
      await delay(POLL_MS);
    }
    const message = `nats-server did not answer within ${limitMs / 1000} s: `;
    throw new PlatformError('broker.slow-start', message + lastLines(await textFrom(logFile, logged), 5), {
      retry: 'later',
    });
  } catch (error) {
    child.kill('SIGKILL');
    await exited;
    throw error;
  }
}

/** Lays out the folder of the store, and opens the log at its end. */
async function prepare(dir: string, logFile: string, text: string) {
  const config = join(dir, 'nats-server.conf');
  try {
    // Conversations lie in there, for nobody else on the machine to read.
    await mkdir(dir, { recursive: true, mode: 0o700 });
    await refuseSecondServer(dir);
    await refuseFullDisk(dir);
    // Made anew, because a mode is given only to a file that was not there.
    await rm(config, { force: true });
    await writeFile(config, text, { mode: 0o600, flag: 'wx' });
    const log = await open(logFile, 'a', 0o600);
    return { config, log, logged: (await log.stat()).size };
  } catch (cause) {
    if (cause instanceof PlatformError) throw cause;
    const message = `the store ${dir} cannot be written: ${reasonOf(cause)}`;
    throw new PlatformError('broker.store-unusable', message, { retry: 'never', cause });
  }
}

/** On a full disk the server starts, says nothing and takes nothing. */
async function refuseFullDisk(dir: string): Promise<void> {
  const { bavail, bsize } = await statfs(dir);
  if (bavail * bsize >= LEAST_FREE_BYTES) return;
  const message = `the disk of ${dir} has only ${bavail * bsize} bytes left, and ${LEAST_FREE_BYTES} are needed`;
  throw new PlatformError('broker.disk-full', message, { retry: 'later' });
}

/** Servers that must not outlive this process. One listener for all of them: Node warns of more than ten. */
const running = new Set<ChildProcess>();

function endRunning(): void {
  for (const child of running) child.kill('SIGTERM');
}

async function spawned(child: ChildProcess, binary: string): Promise<number> {
  try {
    await once(child, 'spawn');
  } catch (cause) {
    throw new PlatformError('broker.not-started', `${binary} could not be started`, { retry: 'never', cause });
  }
  if (running.add(child).size === 1 && !process.listeners('exit').includes(endRunning)) process.on('exit', endRunning);
  return child.pid ?? 0;
}

function toBroker(child: ChildProcess, pid: number, port: number, exited: Promise<BrokerExit>): Broker {
  return {
    url: `nats://${HOST}:${port}`,
    port,
    pid,
    exited,
    async kill(signal) {
      child.kill(signal);
      await exited;
    },
    async stop() {
      child.kill('SIGTERM');
      const force = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS);
      await exited;
      clearTimeout(force);
    },
  };
}

async function textFrom(file: string, position: number): Promise<string> {
  return (await readFile(file)).subarray(position).toString('utf8');
}

function stoppedEarly(log: string): PlatformError {
  const message = `nats-server stopped while it was starting: ${lastLines(log, 5)}`;
  if (log.includes('address already in use'))
    return new PlatformError('broker.port-in-use', message, { retry: 'later' });
  return new PlatformError('broker.stopped', message, { retry: 'never' });
}
