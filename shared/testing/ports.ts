import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';

/** Lets a server listen to this machine alone, on a port that nobody listens on. Which one. */
export async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** Lets a server go; resolves once nobody is connected to it any more. */
export async function closed(server: Server): Promise<void> {
  server.close();
  await once(server, 'close');
}

/** Ports that nobody listens on, for those who must know them before anything starts: no two are the same. */
export async function freePorts(count: number): Promise<readonly number[]> {
  // All held at once and then let go.
  const servers = Array.from({ length: count }, () => createServer());
  const ports = await Promise.all(servers.map(listening));
  await Promise.all(servers.map(closed));
  return ports;
}

/** A port that nobody listens on. */
export async function freePort(): Promise<number> {
  const [port = 0] = await freePorts(1);
  return port;
}
