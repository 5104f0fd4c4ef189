/** Someone who may connect, and to what. Lists are complete: what is not on one is refused. */
export interface BrokerUser {
  readonly user: string;
  readonly password: string;
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
  /** May answer requests that reached it, although the reply subject is not on its list. */
  readonly allowResponses?: boolean | undefined;
}

/** This server's place in a cluster on this machine. */
export interface ClusterPlace {
  readonly name: string;
  readonly serverName: string;
  readonly port: number;
  /** Every server's route, this one's too: their number tells each how many make a majority. */
  readonly routes: readonly string[];
}

export interface ServerSettings {
  /** The store and, beside it, the configuration and the log. One server at a time may have it. */
  readonly dir: string;
  /** The port clients connect to; 0 for a free one that the server chooses itself. */
  readonly port: number;
  /** Where the server's monitoring pages are to be; without it, nowhere. */
  readonly monitorPort?: number | undefined;
  /** `always` writes to the disk before it acknowledges; `default` may lose two minutes in a power cut. */
  readonly sync: 'default' | 'always';
  /** Without users, everybody on this machine may do everything. */
  readonly users?: readonly BrokerUser[] | undefined;
  readonly cluster?: ClusterPlace | undefined;
  /** The longest message in bytes; without it, the server's own limit of 1 MiB. */
  readonly maxPayload?: number | undefined;
}

/** Everything listens here: the broker is for this machine alone. */
export const HOST = '127.0.0.1';

/** A server runs for years; its log starts a new file at this size. */
const LOG_BYTES = 16 << 20;

/** The configuration file of a server with these settings. The server's format takes JSON as it is. */
export function renderConfig(settings: ServerSettings, logFile: string): string {
  const { cluster, dir, maxPayload, monitorPort, port, sync, users } = settings;
  const config = {
    // The server takes 0 for "the usual port" and -1 for "a free one", which it then writes into the ports file.
    listen: `${HOST}:${port === 0 ? -1 : port}`,
    ports_file_dir: dir,
    log_file: logFile,
    logfile_size_limit: LOG_BYTES,
    logfile_max_num: 4,
    ...(monitorPort !== undefined && { http: `${HOST}:${monitorPort}` }),
    ...(maxPayload !== undefined && { max_payload: maxPayload }),
    jetstream: { store_dir: dir, ...(sync === 'always' && { sync_interval: 'always' }) },
    ...(users && { authorization: { users: users.map(renderUser) } }),
    ...(cluster && {
      server_name: cluster.serverName,
      cluster: { name: cluster.name, listen: `${HOST}:${cluster.port}`, routes: cluster.routes },
    }),
  };
  return `${JSON.stringify(config, undefined, 2)}\n`;
}

/** A user as the server's configuration has it. */
export function renderUser({ user, password, publish, subscribe, allowResponses }: BrokerUser): object {
  const permissions = {
    publish: only(publish),
    subscribe: only(subscribe),
    ...(allowResponses && { allow_responses: true }),
  };
  return { user, password, permissions };
}

/** The server takes an empty list of allowed subjects for "all of them". */
function only(subjects: readonly string[]): object {
  return subjects.length > 0 ? { allow: subjects } : { deny: ['>'] };
}
