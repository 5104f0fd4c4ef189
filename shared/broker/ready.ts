import { readdir, readFile, rm } from 'node:fs/promises';
import { connect as connectSocket } from 'node:net';
import { join } from 'node:path';
import { connect } from '@nats-io/transport-node';
import * as v from 'valibot';
import { PlatformError } from '../errors/index.ts';
import { HOST } from './config.ts';
import type { BrokerUser } from './config.ts';

const Ports = v.object({ nats: v.tuple([v.pipe(v.string(), v.url())]) });
const PORTS_FILE = /_(\d+)\.ports$/;
/** Keeps the probe's replies apart from those of the users who may read `_INBOX.>` . */
const INBOX = '_INBOX.turnstream-probe';

/** The user that asks a server with users whether JetStream answers, and may do nothing else. */
export function probeUser(password: string): BrokerUser {
  return { user: 'turnstream-probe', password, publish: ['$JS.API.INFO'], subscribe: [`${INBOX}.>`] };
}

/**
 * The port on which this process takes connections, once it does. The server itself writes it down under its process
 * id, so that another server on the same port is never taken for this one.
 */
export async function readPort(dir: string, pid: number): Promise<number | undefined> {
  const name = (await readdir(dir)).find((file) => PORTS_FILE.exec(file)?.[1] === String(pid));
  return name === undefined ? undefined : portIn(join(dir, name));
}

/** Whether the server takes connections and, if asked for, JetStream answers. */
export async function answers(port: number, user: BrokerUser | undefined, jetstream: boolean): Promise<boolean> {
  try {
    const login = user && { user: user.user, pass: user.password };
    const nc = await connect({
      servers: `${HOST}:${port}`,
      reconnect: false,
      timeout: 1000,
      inboxPrefix: INBOX,
      ...login,
    });
    try {
      if (jetstream) await nc.request('$JS.API.INFO', '', { timeout: 1000 });
      return true;
    } finally {
      await nc.close();
    }
  } catch {
    return false;
  }
}

/**
 * Refuses a store that another server has open, for the server itself does not and both would write into it. Process
 * ids come round again after a power cut, so an old note counts only while somebody answers on the port it names.
 */
export async function refuseSecondServer(dir: string): Promise<void> {
  for (const name of (await readdir(dir)).filter((file) => PORTS_FILE.test(file))) {
    const file = join(dir, name);
    const pid = Number(PORTS_FILE.exec(name)?.[1]);
    const port = await portIn(file);
    if (isAlive(pid) && port !== undefined && (await isTaken(port))) {
      const message = `the store ${dir} is in use by the nats-server with process id ${pid} on port ${port}`;
      throw new PlatformError('broker.store-in-use', message, { retry: 'never' });
    }
    await rm(file, { force: true });
  }
}

async function portIn(file: string): Promise<number | undefined> {
  const text = await readFile(file, 'utf8').catch(() => '');
  try {
    return Number(new URL(v.parse(Ports, JSON.parse(text)).nats[0]).port);
  } catch {
    // Half written, by this server just now or by one that was killed over it.
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

function isTaken(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connectSocket(port, HOST);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => {
      resolve(false);
    });
  });
}
