import type { NatsConnection } from '@nats-io/nats-core';
import type { EventId, SessionId, TenantId } from '../../events/envelope.ts';
import type { ObjectStore } from '../../shared/archive/objects.ts';
import { sealPart, soundBook, soundObject, type CallSound, type SoundPart } from '../../shared/archive/sound.ts';
import type { Keyring } from '../../shared/crypto/keyring.ts';
import { PlatformError } from '../../shared/errors/index.ts';
import { register } from '../../shared/log/register.ts';
import { AUDIO } from '../../shared/log/streams.ts';
import { audioLog } from '../../shared/speech/audio-log.ts';
import type { CallRef, StoredChunk } from '../../shared/speech/chunk.ts';
import type { Tenants } from '../../shared/tenancy/tenants.ts';
import { DAY_MS } from './retention.ts';

/** Keeping the sound of calls needs these. */
export interface SoundKeeping {
  readonly nc: NatsConnection;
  readonly objects: ObjectStore;
  /** With `voice.keepAudioDays`: whose sound is kept. Nobody's is by default. */
  readonly tenants: Tenants;
  readonly now: () => Date;
  readonly keyring?: Keyring;
}

/** What one look came to: objects that were written and removed, and the codes of what failed. */
export interface KeptReport {
  readonly kept: number;
  readonly removed: number;
  readonly failures: readonly string[];
}

/** Of one object: a call that is on is written in pieces, since the stream forgets its sound after ten minutes. */
const PART_MS = 120_000;
/** Has to look again well before the stream forgets. */
export const SOUND_EVERY_MS = 60_000;

/**
 * Looks at the stream of audio once: keeps the sound of calls of those tenants that want that, and removes what was kept
 * for long enough, or is not wanted any more. Repeating it is harmless, and so is another process that does it too.
 */
export async function keepSoundOnce(keeping: SoundKeeping): Promise<KeptReport> {
  const { nc, tenants } = keeping;
  const audio = register(nc, AUDIO);
  let [kept, removed] = [0, 0];
  const failures: string[] = [];
  for (const [tenant, { voice }] of tenants) {
    const days = voice?.keepAudioDays;
    if (days !== undefined) {
      for (const subject of await audio.subjects(`audio.*.${tenant}.>`)) {
        const [, , , session, call] = subject.split('.');
        const ref = { tenant, session: session as SessionId, call: call as EventId };
        try {
          kept += await keepCall(keeping, ref);
        } catch (error) {
          // One call that is damaged does not keep the others.
          if (!(error instanceof PlatformError)) throw error;
          failures.push(error.code);
        }
      }
    }
    removed += await removeOld(keeping, tenant, days ?? 0);
  }
  return { kept, removed, failures };
}

/** Writes what is new of a call, once it is over or enough has come together; how many objects. */
async function keepCall({ nc, objects, now, keyring }: SoundKeeping, ref: CallRef): Promise<number> {
  if (await keyring?.isErased(ref)) return 0;
  const book = soundBook(nc);
  const audio = audioLog(nc, keyring ? { cipher: keyring } : {});
  const newest = await audio.newest(ref);
  const entry = await book.read(ref);
  const calls = entry?.value ?? [];
  const known = calls.find(({ call }) => call === ref.call);
  const unfinished = known?.parts.find(({ stored }) => !stored);
  if (!newest || (known?.over && !unfinished)) return 0;
  const last = known?.parts.at(-1);
  if (!unfinished && !newest.last && newest.fromMs - (last?.toMs ?? 0) < PART_MS) return 0;

  const { codec, rate } = newest.format;
  const before: CallSound = known ?? {
    call: ref.call,
    since: now().toISOString(),
    codec,
    rate,
    parts: [],
    over: false,
  };
  const [after, through] = unfinished ? [unfinished.after, unfinished.through] : [last?.through ?? 0, newest.position];
  const chunks = await audio.between(ref, after, through);
  const part = unfinished ?? partOf(ref, chunks, after, through);
  const others = calls.filter(({ call }) => call !== ref.call);
  const over = before.over || newest.last;
  const planned = { ...before, over, parts: unfinished ? before.parts : [...before.parts, part] };
  // The book first: whoever erases the session knows of every object that may come to be.
  if (!unfinished && !(await book.write(ref, [...others, planned], entry?.position ?? 0))) return 0;
  const sound = Buffer.concat(chunks.map((chunk) => chunk.sound));
  await objects.put(part.object, await sealPart(ref, part, sound, keyring));
  if (await keyring?.isErased(ref)) {
    await objects.remove(part.object);
    return 0;
  }
  const written = await book.read(ref);
  const stored = { ...planned, parts: planned.parts.map((it) => ({ ...it, stored: true })) };
  if (written) await book.write(ref, [...others, stored], written.position);
  return 1;
}

function partOf(ref: CallRef, chunks: readonly StoredChunk[], after: number, through: number): SoundPart {
  const fromMs = chunks[0]?.fromMs ?? 0;
  const end = chunks.at(-1);
  const bytes = end?.format.codec === 'l16' ? 2 : 1;
  const toMs = end ? Math.round(end.fromMs + (end.sound.length / bytes / end.format.rate) * 1_000) : fromMs;
  return { object: soundObject(ref, after, through), after, through, fromMs, toMs, stored: false };
}

/** Removes the sound of calls whose days are over. */
async function removeOld({ nc, objects, now }: SoundKeeping, tenant: TenantId, days: number): Promise<number> {
  const book = soundBook(nc);
  let removed = 0;
  for (const ref of await book.sessions(tenant)) {
    const entry = await book.read(ref);
    if (!entry) continue;
    const isOld = ({ since }: CallSound) => now().getTime() - Date.parse(since) >= days * DAY_MS;
    const old = entry.value.filter(isOld).flatMap(({ parts }) => parts);
    if (old.length === 0) continue;
    for (const { object } of old) await objects.remove(object);
    await book.write(
      ref,
      entry.value.filter((call) => !isOld(call)),
      entry.position,
    );
    removed += old.length;
  }
  return removed;
}
