import type { NatsConnection } from '@nats-io/nats-core';
import * as v from 'valibot';
import { EventId, Position, type SessionId, type TenantId } from '../../events/envelope.ts';
import { count } from '../../events/fields.ts';
import { PlatformError } from '../errors/index.ts';
import type { SessionRef } from '../log/log.ts';
import { register } from '../log/register.ts';
import { ARCHIVE } from '../log/streams.ts';
import type { SoundCipher } from '../speech/audio-wire.ts';
import type { CallRef } from '../speech/chunk.ts';
import type { Noted } from './books.ts';
import type { ObjectStore } from './objects.ts';

/** One object with the sound of a call between two positions of the stream. It is written down before it is stored. */
const SoundPart = v.strictObject({
  object: v.string(),
  after: Position,
  through: Position,
  /** Milliseconds of sound since the call began. */
  fromMs: count,
  toMs: count,
  stored: v.boolean(),
});
export type SoundPart = v.InferOutput<typeof SoundPart>;

/** What is kept of a call's sound. `over`: nothing more comes. */
const CallSound = v.strictObject({
  call: EventId,
  /** When its keeping began, ISO 8601. */
  since: v.string(),
  codec: v.picklist(['mulaw', 'alaw', 'l16']),
  rate: count,
  parts: v.array(SoundPart),
  over: v.boolean(),
});
export type CallSound = v.InferOutput<typeof CallSound>;

/** The book of kept sound: which objects hold the calls of each session. Says nothing of what they hold. */
export interface SoundBook {
  read(ref: SessionRef): Promise<Noted<readonly CallSound[]> | undefined>;
  /** False: somebody else has changed the entry. `expected` 0: there must be none. */
  write(ref: SessionRef, calls: readonly CallSound[], expected: number): Promise<boolean>;
  forget(ref: SessionRef): Promise<void>;
  sessions(tenant: TenantId): Promise<readonly SessionRef[]>;
}

const Calls = v.array(CallSound);

/** The book, kept in the archive's own stream. */
export function soundBook(nc: NatsConnection): SoundBook {
  const entries = register(nc, ARCHIVE);
  const at = ({ tenant, session }: SessionRef) => `sound.${tenant}.${session}`;
  return {
    async read(ref) {
      const entry = await entries.read(at(ref));
      if (!entry) return undefined;
      try {
        return { value: v.parse(Calls, JSON.parse(Buffer.from(entry.data).toString())), position: entry.position };
      } catch (cause) {
        throw new PlatformError('archive.books-damaged', 'an entry of kept sound is damaged', {
          retry: 'never',
          cause,
        });
      }
    },
    write: async (ref, calls, expected) =>
      (await entries.write(at(ref), JSON.stringify(calls), expected)) !== undefined,
    forget: (ref) => entries.clear(at(ref)),
    sessions: async (tenant) =>
      (await entries.subjects(`sound.${tenant}.*`)).map((subject) => ({
        tenant,
        session: (subject.split('.')[2] ?? '') as SessionId,
      })),
  };
}

/** The name of the object of a part: the same, whoever writes it. */
export const soundObject = ({ tenant, session, call }: CallRef, after: number, through: number): string =>
  `tenant=${tenant}/sound/${session}/${call}-${after}-${through}.sound`;

/** A part opens in its own place only. */
const boundTo = ({ tenant, session, call }: CallRef, { after, through }: SoundPart) => ({
  tenant,
  session,
  id: call,
  type: `kept-sound.${after}.${through}`,
});

/** What is stored of a part's sound: encrypted with the session's key where there are keys. */
export const sealPart = async (
  ref: CallRef,
  part: SoundPart,
  sound: Uint8Array,
  cipher: SoundCipher | undefined,
): Promise<Uint8Array> => (cipher ? await cipher.seal(boundTo(ref, part), sound) : sound);

/** The sound of a part as it was recorded; undefined where it is not in the store. Fails with `session.erased` (never). */
export async function openPart(
  { objects, cipher }: { readonly objects: ObjectStore; readonly cipher?: SoundCipher | undefined },
  ref: CallRef,
  part: SoundPart,
): Promise<Uint8Array | undefined> {
  const stored = await objects.get(part.object);
  if (!stored || !cipher) return stored;
  const sound = await cipher.open(boundTo(ref, part), stored);
  if (!sound) throw new PlatformError('session.erased', 'the session was erased', { retry: 'never' });
  return sound;
}

/** Removes every object that holds sound of a session, and its entry; how many there were. Repeating it is harmless. */
export async function forgetSound(book: SoundBook, objects: ObjectStore, ref: SessionRef): Promise<number> {
  const entry = await book.read(ref);
  if (!entry) return 0;
  const parts = entry.value.flatMap((call) => call.parts);
  for (const { object } of parts) await objects.remove(object);
  await book.forget(ref);
  return parts.length;
}
