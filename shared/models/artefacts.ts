import { hash } from 'node:crypto';
import type { NatsConnection } from '@nats-io/nats-core';
import * as v from 'valibot';
import { PlatformError } from '../errors/index.ts';
import { register, type Register } from '../log/register.ts';
import { ARTEFACTS } from '../log/streams.ts';

/**
 * Models as bytes, named by their SHA-256: written once, never changed, checked whenever they are read. Every method
 * fails with `log.unavailable` (retry later) without a store.
 */
export interface Artefacts {
  /** Keeps the bytes and returns their name. Repeating it changes nothing; what was cut short is finished. */
  put(bytes: Uint8Array): Promise<string>;
  /** The bytes of that name. Fails with `model.missing` or `model.invalid` (never retry) where they are not all there. */
  get(name: string): Promise<Uint8Array>;
}

/** Below the 1 MB that a message of nats-server may have. */
const PART_BYTES = 512 * 1024;
/** The largest model there is. Whoever may write here is not trusted with the reader's memory. */
const LARGEST = 256 * 1024 * 1024;

const Head = v.strictObject({ bytes: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(LARGEST)) });

/**
 * Artefacts on JetStream, cut into parts: `artefact.<hash>` says how long, `artefact.<hash>.<n>` holds the n-th part. An
 * object store of the client library would read through a consumer that it creates, which no function may, and would
 * replace what has the same name.
 */
export function artefactsOn(nc: NatsConnection): Artefacts {
  const stored = register(nc, ARTEFACTS);
  return {
    async put(bytes) {
      if (bytes.length > LARGEST) {
        throw new PlatformError('model.invalid', 'a model is larger than 256 MB', { retry: 'never' });
      }
      const name = hash('sha256', bytes);
      for (let n = 0; n < partsOf(bytes.length); n += 1) {
        await stored.write(`artefact.${name}.${n}`, bytes.subarray(n * PART_BYTES, (n + 1) * PART_BYTES), 0);
      }
      // Last, so that what can be found is whole.
      await stored.write(`artefact.${name}`, JSON.stringify({ bytes: bytes.length }), 0);
      return name;
    },
    async get(name) {
      const head = await newest(stored, `artefact.${name}`);
      if (!head) throw refused('missing', name, 'nobody has stored it');
      const length = lengthOf(head, name);
      const parts = await Promise.all(
        Array.from({ length: partsOf(length) }, (_, n) => newest(stored, `artefact.${name}.${n}`)),
      );
      if (parts.includes(undefined)) throw refused('invalid', name, 'a part of it is missing');
      const bytes = Buffer.concat(parts.filter((part) => part !== undefined));
      if (bytes.length !== length) throw refused('invalid', name, 'it is truncated');
      if (hash('sha256', bytes) !== name)
        throw refused('invalid', name, 'its bytes are not those that it is named after');
      return bytes;
    },
  };
}

const partsOf = (bytes: number): number => Math.ceil(bytes / PART_BYTES);

/** A replica may lag behind the newest artefact; the leader does not. */
const newest = async (stored: Register, subject: string): Promise<Uint8Array | undefined> =>
  ((await stored.glance(subject)) ?? (await stored.read(subject)))?.data;

function lengthOf(head: Uint8Array, name: string): number {
  try {
    return v.parse(Head, JSON.parse(Buffer.from(head).toString())).bytes;
  } catch (cause) {
    throw refused('invalid', name, 'its head is damaged', cause);
  }
}

const refused = (code: 'missing' | 'invalid', name: string, why: string, cause?: unknown): PlatformError =>
  new PlatformError(`model.${code}`, `model ${name.slice(0, 12)} cannot be used: ${why}`, { retry: 'never', cause });
