import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NatsConnection } from '@nats-io/nats-core';
import type { Draft } from '../../events/define.ts';
import type { TenantId } from '../../events/envelope.ts';
import { folderStore } from '../../shared/archive/folder.ts';
import type { ObjectStore } from '../../shared/archive/objects.ts';
import { fromParquet } from '../../shared/archive/parquet.ts';
import type { ArchiveRow } from '../../shared/archive/row.ts';
import { keyring, type Keyring } from '../../shared/crypto/keyring.ts';
import { tenantKeysOf } from '../../shared/crypto/tenant-keys.fixture.ts';
import { jetstreamLog } from '../../shared/log/jetstream.ts';
import type { Log, SessionRef, Stored } from '../../shared/log/log.ts';
import { provision } from '../../shared/log/provision.ts';
import { runGroup } from '../../shared/runtime/chain.ts';
import { startBroker, type TestServer } from '../../shared/testing/broker.ts';
import { incoming, opening, saying, testHost } from '../../shared/testing/rig.ts';
import { groupsOf } from '../index.ts';
import { archiveOf, type Archive, type ArchiveOptions } from './archive.ts';
import { DAY_MS, type Retention } from './retention.ts';

export const ACME = 'acme' as TenantId;
export const GLOBEX = 'globex' as TenantId;
export const WEEK: Retention = { idleMs: 7 * DAY_MS, quietMs: 7 * DAY_MS, content: 'sealed' };

/** A server with a log, a folder for the archive, and a clock that tests move. */
export interface Rig {
  readonly server: TestServer;
  readonly nc: NatsConnection;
  readonly log: Log;
  readonly keyring: Keyring;
  readonly dir: string;
  readonly objects: ObjectStore;
  /** Days from the start of the test. */
  day: number;
  readonly now: () => Date;
  /** A new archive, as a process has it that was just started. */
  readonly archive: (over?: Partial<ArchiveOptions>) => Archive;
  /** Appends to the end of a session, by the clock of the test. */
  readonly append: (ref: SessionRef, draft: Draft) => Promise<void>;
  /** Says something and lets the functions answer it. Opens the session where it is not in the log. */
  readonly say: (ref: SessionRef, text: string) => Promise<void>;
  /** The same by another process, which may know less. */
  readonly sayOn: (log: Log, ref: SessionRef, text: string) => Promise<void>;
  /** Another process's keys of sessions. */
  readonly ring: () => Keyring;
  /** Names and rows of all files of the archive. */
  readonly files: () => Promise<ReadonlyMap<string, readonly ArchiveRow[]>>;
  /** Whether the bytes stand in a file of the archive or of the log's server. */
  readonly isOnDisk: (text: string) => Promise<boolean>;
  readonly stop: () => Promise<void>;
}

const TURN = groupsOf('chained');

export async function startRig(): Promise<Rig> {
  const server = await startBroker();
  const nc = await server.nc();
  await provision(nc, { replicas: 1, durables: [] });
  const dir = await mkdtemp(join(tmpdir(), 'turnstream-archive-'));
  const tenantKeys = tenantKeysOf(ACME, GLOBEX);
  const ring = keyring(nc, tenantKeys);
  const log = jetstreamLog(nc, { cipher: ring });
  const start = Date.now();
  const rig: Rig = {
    server,
    nc,
    log,
    keyring: ring,
    dir,
    objects: folderStore(dir),
    day: 0,
    now: () => new Date(start + rig.day * DAY_MS),
    archive: (over = {}) =>
      archiveOf({ nc, log, keyring: ring, objects: rig.objects, retention: () => WEEK, now: rig.now, ...over }),
    append: async (ref, draft) => {
      await testHost(log).tail.append(incoming(ref, draft, { time: rig.now().toISOString() }));
    },
    ring: () => keyring(nc, tenantKeys),
    say: (ref, text) => rig.sayOn(log, ref, text),
    sayOn: async (through, ref, text) => {
      const host = testHost(through, { now: rig.now });
      const time = rig.now().toISOString();
      if ((await through.latest(ref)).length === 0) await host.tail.append(incoming(ref, opening(), { time }));
      const placed = await host.tail.append(incoming(ref, saying(text), { time }));
      if (placed.kind !== 'appended') throw new Error(placed.kind);
      for (const group of TURN)
        await runGroup(group, { stored: placed.stored, attempt: 1 }, host, new AbortController().signal);
    },
    files: async () => {
      const found = await filesIn(dir);
      const rows = await Promise.all(found.map(async (file) => fromParquet(await readFile(join(dir, file)))));
      return new Map(found.map((file, i) => [file, rows[i] ?? []]));
    },
    isOnDisk: async (text) => {
      for (const root of [dir, server.dir]) {
        for (const file of await filesIn(root)) if ((await readFile(join(root, file))).includes(text)) return true;
      }
      return false;
    },
    stop: async () => {
      await server.stop();
      await rm(dir, { recursive: true });
    },
  };
  return rig;
}

async function filesIn(root: string): Promise<readonly string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .sort();
}

/** The ids of a session's events in all files of the archive, in the order of the log. */
export const archivedIds = async (rig: Rig, ref: SessionRef): Promise<readonly string[]> =>
  [...(await rig.files()).values()]
    .flat()
    .filter(({ session }) => session === ref.session)
    .sort((a, b) => a.position - b.position)
    .map(({ id }) => id);

export const idsOf = (events: readonly Stored[]): readonly string[] => events.map(({ envelope }) => envelope.id);
