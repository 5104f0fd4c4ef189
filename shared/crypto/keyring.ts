import type { KeyObject } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { NatsConnection } from '@nats-io/nats-core';
import { LRUCache } from 'lru-cache';
import { PlatformError } from '../errors/index.ts';
import type { SessionRef } from '../log/log.ts';
import { register, type Entry } from '../log/register.ts';
import { KEYS } from '../log/streams.ts';
import type { Cipher } from '../log/wire.ts';
import { newSessionKey, readKeyRecord, unwrap } from './key-record.ts';
import { bindingOf, openWith, sealWith, type Binding } from './seal.ts';
import type { TenantKeys } from './tenant-keys.ts';

/** Every session has a random key of its own. Whoever first appends to it makes it; with it, everything is destroyed. */
export interface Keyring extends Cipher {
  /** Answers at once where the key is at hand. Fails with `session.erased` (never) once it was destroyed. */
  seal(event: Binding, data: Uint8Array): Uint8Array | Promise<Uint8Array>;
  /** Answers at once where the key is at hand; undefined once it was destroyed. */
  open(event: Binding, sealed: Uint8Array): Uint8Array | undefined | Promise<Uint8Array | undefined>;
  /** Destroys the key of a session, for ever: what it sealed opens nowhere any more. Repeating it is harmless. */
  erase(ref: SessionRef, at: Date): Promise<void>;
  /** Whether the key was destroyed, as the leader knows it. */
  isErased(ref: SessionRef): Promise<boolean>;
  /** Stops listening for what others destroy. */
  stop(): void;
}

export interface KeyringOptions {
  /** Called when a session was erased, here or by another process: forget what you remember of it. */
  readonly onErased?: (ref: SessionRef) => void;
  /** For how long a key is used without looking whether it still stands. */
  readonly cacheMs?: number;
  /** A clock that never goes back, milliseconds. */
  readonly clock?: () => number;
}

const CACHED_KEYS = 50_000;
const CACHE_MS = 60_000;
const LOOKS = 5;
const LOOK_AGAIN_MS = 20;

type Held = KeyObject | 'erased';

/**
 * The keys of sessions, on a stream of their own that is never archived or backed up with the log. Only the newest
 * message of a subject counts: a wrapped key, or the sign of its destruction. The stream must not limit messages for
 * each subject: then the server would drop an overwritten key by itself, and leave its bytes on disk. In a cluster the
 * servers' own logs hold the wrapped key until they compact them, which they do within some three minutes.
 */
export function keyring(nc: NatsConnection, tenantKeys: TenantKeys, options: KeyringOptions = {}): Keyring {
  const { onErased = () => undefined, cacheMs = CACHE_MS, clock = () => performance.now() } = options;
  const keys = register(nc, KEYS);
  const cache = new LRUCache<string, { readonly held: Held; readonly until: number }>({ max: CACHED_KEYS });
  const loading = new Map<string, Promise<Held | undefined>>();
  // Counts notices: what was read before one came may be outdated by it.
  let notices = 0;

  const atHand = (subject: string): Held | undefined => {
    const cached = cache.get(subject);
    return cached && (cached.until > clock() || cached.held === 'erased') ? cached.held : undefined;
  };
  const keep = (subject: string, held: Held): Held => {
    cache.set(subject, { held, until: clock() + cacheMs });
    return held;
  };
  const load = (ref: SessionRef, subject: string): Promise<Held | undefined> => {
    const under = loading.get(subject);
    if (under) return under;
    const before = notices;
    const promise = keys.glance(subject).then((entry) => entry && take(ref, subject, entry, before));
    const done = () => void loading.delete(subject);
    loading.set(subject, promise);
    promise.then(done, done);
    return promise;
  };
  const take = (ref: SessionRef, subject: string, { data }: Entry, before: number): Held => {
    const record = readKeyRecord(data);
    const held = 'key' in record ? unwrap(tenantKeys, ref, record) : 'erased';
    return notices === before || held === 'erased' ? keep(subject, held) : held;
  };
  /** The key of something that was sealed, so there has to be one: a replica may not have heard of it yet. */
  const find = async (ref: SessionRef, subject: string): Promise<Held | undefined> => {
    const found = await load(ref, subject);
    if (found) return found;
    const before = notices;
    const entry = await keys.read(subject);
    return entry && take(ref, subject, entry, before);
  };
  const loadOrMake = async (ref: SessionRef, subject: string): Promise<Held> => {
    for (let look = 0; look < LOOKS; look++) {
      const found = await load(ref, subject);
      if (found) return found;
      const { key, record } = newSessionKey(tenantKeys, ref);
      if ((await keys.write(subject, record, 0)) !== undefined) return keep(subject, key);
      // Somebody else made it, and the replica that was asked does not know it yet.
      await delay(LOOK_AGAIN_MS * look);
    }
    throw missing();
  };

  const subscription = nc.subscribe(`${NOTICE}.*.*`, {
    callback: (_error, { subject: notice }) => {
      const [, tenant, session] = notice.split('.');
      const ref = { tenant, session } as SessionRef;
      notices++;
      // Not believed without a look: whoever may publish could destroy nothing but a cache.
      cache.delete(subjectOf(ref));
      onErased(ref);
    },
  });

  return {
    seal(event, data) {
      const subject = subjectOf(event);
      const held = atHand(subject);
      return held ? sealed(held, event, data) : loadOrMake(event, subject).then((h) => sealed(h, event, data));
    },
    open(event, data) {
      const subject = subjectOf(event);
      const held = atHand(subject);
      return held ? opened(held, event, data) : find(event, subject).then((h) => opened(h, event, data));
    },
    async erase(ref, at) {
      const subject = subjectOf(ref);
      const replaces = await bury(ref, at);
      keep(subject, 'erased');
      if (replaces > 0) await keys.shred(replaces);
      nc.publish(`${NOTICE}.${ref.tenant}.${ref.session}`);
      await nc.flush();
    },
    async isErased(ref) {
      const entry = await keys.read(subjectOf(ref));
      return entry !== undefined && 'erasedAt' in readKeyRecord(entry.data);
    },
    stop: () => {
      subscription.unsubscribe();
    },
  };

  /** Puts the sign of destruction in the place of the key. Returns where the key stands, which is still to be shredded. */
  async function bury(ref: SessionRef, at: Date): Promise<number> {
    const subject = subjectOf(ref);
    for (;;) {
      const entry = await keys.read(subject);
      const record = entry && readKeyRecord(entry.data);
      if (record && 'erasedAt' in record) return record.replaces;
      const replaces = entry?.position ?? 0;
      const sign = JSON.stringify({ erasedAt: at.toISOString(), replaces });
      if ((await keys.write(subject, sign, replaces)) !== undefined) return replaces;
    }
  }
}

const NOTICE = 'erased';
const subjectOf = ({ tenant, session }: SessionRef): string => `key.${tenant}.${session}`;

function sealed(held: Held, event: Binding, data: Uint8Array): Uint8Array {
  if (held !== 'erased') return sealWith(held, bindingOf(event), data);
  throw new PlatformError('session.erased', 'the session was erased', { retry: 'never' });
}

function opened(held: Held | undefined, event: Binding, data: Uint8Array): Uint8Array | undefined {
  // A lost key is not a destroyed one: nobody may take this for an erasure.
  if (!held) throw missing();
  return held === 'erased' ? undefined : openWith(held, bindingOf(event), data);
}

const missing = () =>
  new PlatformError('key.missing', 'the key of a session is not there', { retry: 'later', retryAfterMs: 100 });
