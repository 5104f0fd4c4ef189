import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eraseSession } from '../../shared/archive/erase.ts';
import { keptWav, type KeptSoundOptions } from '../../shared/archive/kept-wav.ts';
import { soundBook, type CallSound } from '../../shared/archive/sound.ts';
import { audioLog } from '../../shared/speech/audio-log.ts';
import { chunkOf, newCall } from '../../shared/speech/audio-log.contract.ts';
import type { CallRef } from '../../shared/speech/chunk.ts';
import { toLinear } from '../../shared/speech/codecs.ts';
import { readWav } from '../../shared/speech/wav.ts';
import { readTenants } from '../../shared/tenancy/tenants.ts';
import { keepSoundOnce } from './keep-sound.ts';
import { startRig, type Rig } from './rig.fixture.ts';

const TWO_MINUTES = 1_200;

let rig: Rig;
beforeEach(async () => {
  rig = await startRig();
});
afterEach(() => rig.stop());

const tenantsWith = (voice: object) => readTenants({ tenants: { acme: { bot: 'shop', voice } } });
const keep = (voice: object = { keepAudioDays: 30 }) => keepSoundOnce({ ...rig, tenants: tenantsWith(voice) });

/** Chunks of a call, from one number to another; the positions go on after `previous`. */
async function speak(ref: CallRef, from: number, to: number, previous = 0): Promise<number> {
  const audio = audioLog(rig.nc, { cipher: rig.keyring });
  let last = previous;
  for (let number = from; number <= to; number++) {
    const kept = await audio.append(ref, chunkOf(number, { last: number === to && from === 1 && to < 100 }), last);
    if (kept.kind !== 'kept') throw new Error('refused');
    last = kept.position;
  }
  return last;
}
const soundOf = (from: number, to: number) =>
  toLinear(Buffer.concat(Array.from({ length: to - from + 1 }, (_, i) => chunkOf(from + i).sound)), 'mulaw');
const wavOf = async (options: KeptSoundOptions, ref: CallRef, call: CallSound) => {
  const wav = keptWav(options, ref, call);
  return buffer(wav.between(0, wav.bytes));
};
const kept = async (ref: CallRef) => {
  const [call] = (await soundBook(rig.nc).read(ref))?.value ?? [];
  if (!call) return undefined;
  const wav = readWav(await wavOf({ objects: rig.objects, cipher: rig.keyring }, ref, call));
  if (!wav.ok) throw new Error(wav.why);
  return { ...call, sound: wav };
};

describe('the sound of a call', () => {
  it('is kept by nobody who has not asked for that', async () => {
    const ref = newCall();
    await rig.say(ref, 'hello');
    await speak(ref, 1, 20);
    expect(await keep({})).toEqual({ kept: 0, removed: 0, failures: [] });
    expect(await kept(ref)).toBeUndefined();
  });

  it('is kept when the call is over, once, sealed, and read as it was heard', async () => {
    const ref = newCall();
    await rig.say(ref, 'hello');
    await speak(ref, 1, 20);
    expect(await keep()).toEqual({ kept: 1, removed: 0, failures: [] });
    expect(await keep()).toEqual({ kept: 0, removed: 0, failures: [] });
    const call = await kept(ref);
    expect(call).toMatchObject({ over: true, rate: 8_000, parts: [{ fromMs: 0, toMs: 2_000, stored: true }] });
    expect(call?.sound.samples).toEqual(soundOf(1, 20));
    expect(await rig.isOnDisk(Buffer.from(chunkOf(7).sound).toString('latin1'))).toBe(false);
  });

  it('is kept in pieces of a call that is on, which make one whole', async () => {
    const ref = newCall();
    await rig.say(ref, 'hello');
    const position = await speak(ref, 1, TWO_MINUTES - 1);
    expect((await keep()).kept).toBe(0);
    const next = await speak(ref, TWO_MINUTES, TWO_MINUTES + 1, position);
    expect((await keep()).kept).toBe(1);
    const audio = audioLog(rig.nc, { cipher: rig.keyring });
    await audio.append(ref, chunkOf(TWO_MINUTES + 2, { last: true }), next);
    expect((await keep()).kept).toBe(1);
    const call = await kept(ref);
    expect(call?.parts.length).toBe(2);
    expect(call?.sound.samples).toEqual(soundOf(1, TWO_MINUTES + 2));
  });

  it('is written again where a process died after it had said that it would', async () => {
    const ref = newCall();
    await rig.say(ref, 'hello');
    await speak(ref, 1, 20);
    const dying = { ...rig.objects, put: () => Promise.reject(new Error('killed')) };
    await expect(
      keepSoundOnce({ ...rig, objects: dying, tenants: tenantsWith({ keepAudioDays: 30 }) }),
    ).rejects.toThrow();
    expect((await keep()).kept).toBe(1);
    expect((await kept(ref))?.sound.samples).toEqual(soundOf(1, 20));
  });

  it('is removed when its days are over, or when nobody wants it any more', async () => {
    const [ref, other] = [newCall(), newCall()];
    for (const each of [ref, other]) {
      await rig.say(each, 'hello');
      await speak(each, 1, 5);
    }
    expect((await keep()).kept).toBe(2);
    rig.day = 29;
    expect((await keep()).removed).toBe(0);
    rig.day = 31;
    expect((await keep()).removed).toBe(2);
    expect(await kept(ref)).toBeUndefined();
  });

  it('goes with the person: from the store, from the stream, and the receipt says so', async () => {
    const [ref, other] = [newCall(), newCall()];
    for (const each of [ref, other]) {
      await rig.say(each, 'hello');
      await speak(each, 1, 20);
    }
    await keep();
    const call = (await soundBook(rig.nc).read(ref))?.value[0];
    const bytes = await rig.objects.get(call?.parts[0]?.object ?? '');
    const receipt = await eraseSession(rig, ref, 'olga');
    expect(receipt.stores).toContainEqual({
      store: 'sound',
      done: '1 file(s) of calls removed, and what the stream still had',
    });
    expect(await rig.objects.get(call?.parts[0]?.object ?? '')).toBeUndefined();
    expect(await kept(ref)).toBeUndefined();
    expect(await audioLog(rig.nc).newest(ref)).toBeUndefined();
    expect((await keep()).kept).toBe(0);
    // Nor can a copy from a backup be opened.
    if (!call || !bytes) throw new Error('nothing was kept');
    const restored = { ...rig.objects, get: () => Promise.resolve(bytes) };
    await expect(wavOf({ objects: restored, cipher: rig.keyring }, ref, call)).rejects.toMatchObject({
      code: 'session.erased',
    });
    expect((await kept(other))?.sound.samples).toEqual(soundOf(1, 20));
  });
});
