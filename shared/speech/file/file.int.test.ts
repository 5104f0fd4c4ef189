import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { writeWav } from '../wav.ts';
import { decodeFile } from './decode.ts';
import { transcriber } from './transcriber.ts';

const MODEL = fileURLToPath(new URL('../../../models/speech-en-small', import.meta.url));
const TEN_MINUTES = 600_000;
const file = (name: string) => readFile(new URL(`./fixtures/digits.${name}`, import.meta.url));
const FILES = ['wav', 'flac', 'mp3', 'ogg', 'opus'];

describe('a file', () => {
  it.each(FILES)('in %s is unpacked to the sound that it stands for', async (name) => {
    const decoded = await decodeFile(await file(name), TEN_MINUTES);
    if (!decoded.ok) throw new Error(decoded.why);
    const { rate, samples } = decoded.recording;
    const original = await decodeFile(await file('wav'), TEN_MINUTES);
    const lengthMs = original.ok ? original.recording.samples.length / 8 : 0;
    expect(Math.abs((samples.length * 1_000) / rate - lengthMs)).toBeLessThan(160);
    expect(samples.some((sample) => Math.abs(sample) > 3_000)).toBe(true);
  });

  it.each(FILES.slice(1))('in %s that would be too long is refused before it is unpacked to its end', async (name) => {
    expect(await decodeFile(await file(name), 300)).toEqual({ ok: false, why: 'too-long' });
  });

  it.each(FILES.slice(1))('in %s that is damaged in the middle is refused', async (name) => {
    const bytes = Uint8Array.from(await file(name));
    for (let at = 200; at < bytes.length; at += 3) bytes[at] = (at * 7_919) % 256;
    expect(await decodeFile(bytes, TEN_MINUTES)).toMatchObject({ ok: false, why: 'damaged' });
  });

  it.each(FILES)('in %s that was cut off is heard as far as it goes, or refused', async (name) => {
    const bytes = await file(name);
    for (const length of [0, 3, 12, 60, 500, 3_000]) {
      const decoded = await decodeFile(bytes.subarray(0, length), TEN_MINUTES);
      if (decoded.ok) expect(decoded.recording.samples.length).toBeLessThan(16_000);
      else expect(['not-a-recording', 'damaged', 'too-short']).toContain(decoded.why);
    }
  });

  it('whose header lies is refused, or believed as far as there are bytes', async () => {
    const wav = writeWav({ rate: 8_000, samples: new Int16Array(8_000) });
    const lying = (at: number, value: number) => {
      const bytes = Uint8Array.from(wav);
      new DataView(bytes.buffer).setUint32(at, value, true);
      return decodeFile(bytes, TEN_MINUTES);
    };
    expect(await lying(40, 4_000_000_000)).toMatchObject({ ok: true, recording: { samples: { length: 8_000 } } });
    expect(await lying(24, 4_000_000_000)).toEqual({ ok: false, why: 'damaged' });
    expect(await lying(24, 1)).toEqual({ ok: false, why: 'damaged' });
    expect(await lying(16, 4_000_000_000)).toEqual({ ok: false, why: 'too-short' });
  });

  it('that is something else is told apart', async () => {
    for (const text of ['', 'hello', '<html>'.repeat(99), '%PDF-1.7'.repeat(99), 'OggS'.repeat(99)]) {
      expect(await decodeFile(Buffer.from(text), TEN_MINUTES)).toEqual({ ok: false, why: 'not-a-recording' });
    }
  });
});

describe('a recording', () => {
  const listener = transcriber({ engines: [{ kind: 'small', where: MODEL }] });
  afterAll(() => {
    listener.close();
  });
  const job = async (name: string) => ({ bytes: await file(name), locale: 'en-GB', longestMs: TEN_MINUTES });

  it.each(FILES)('in %s is heard', async (name) => {
    const outcome = await listener.hear(await job(name));
    expect(outcome).toMatchObject({ transcript: { text: 'three one', language: 'en', notTranscribed: [] } });
    if (!('transcript' in outcome)) return;
    const { utterances, durationMs } = outcome.transcript;
    expect(durationMs).toBeGreaterThan(900);
    expect(utterances[0]?.engine).toMatch(/^speech-en-small@/u);
    expect(utterances.flatMap(({ words = [] }) => words.map(({ text }) => text))).toEqual(['three', 'one']);
  });

  it('tells where in it each word is', async () => {
    const decoded = await decodeFile(await file('wav'), TEN_MINUTES);
    const said = decoded.ok ? decoded.recording.samples : new Int16Array(0);
    const pause = new Int16Array(16_000);
    const samples = Int16Array.from([...pause, ...said, ...pause, ...said, ...pause]);
    const bytes = writeWav({ rate: 8_000, samples });
    const outcome = await listener.hear({ bytes, locale: 'en', longestMs: TEN_MINUTES });
    if (!('transcript' in outcome)) throw new Error(outcome.refused);
    const { utterances, text } = outcome.transcript;
    expect(text).toBe('three one three one');
    // They begin after two seconds, and after another three.
    const begun = [2_000, 2_000 + said.length / 8 + 2_000].map((ms) => ms + 100);
    for (const [i, { fromMs, words = [] }] of utterances.entries()) {
      expect(Math.abs(fromMs - (begun[i] ?? 0))).toBeLessThan(200);
      expect(Math.abs((words[0]?.fromMs ?? 0) - (begun[i] ?? 0))).toBeLessThan(200);
      expect(words[1]?.fromMs).toBeGreaterThan((begun[i] ?? 0) + 200);
    }
  });

  it('without speech has no words', async () => {
    const bytes = writeWav({ rate: 8_000, samples: new Int16Array(16_000) });
    const outcome = await listener.hear({ bytes, locale: 'en', longestMs: TEN_MINUTES });
    expect(outcome).toMatchObject({ transcript: { text: '', durationMs: 2_000, utterances: [] } });
  });

  it('that takes too long, or too much memory, costs its process and not the next recording', async () => {
    const hasty = transcriber({ engines: [{ kind: 'small', where: MODEL }], limitMs: 1 });
    await expect(hasty.hear(await job('wav'))).rejects.toMatchObject({ code: 'asr.timed-out' });
    hasty.close();
    const small = transcriber({ engines: [{ kind: 'small', where: MODEL }], limitBytes: 1 });
    expect(await small.hear(await job('wav'))).toEqual({ refused: 'too-much' });
    small.close();
  });

  it('is not taken where too many wait, or nobody can hear', async () => {
    const nobody = transcriber({ engines: [{ kind: 'small', where: '/nowhere' }], queue: 0 });
    const one = await job('wav');
    const [first, second] = await Promise.allSettled([nobody.hear(one), nobody.hear(one)]);
    expect(first).toMatchObject({ reason: { code: 'model.invalid' } });
    expect(second).toMatchObject({ reason: { code: 'asr.busy', retry: 'later' } });
    nobody.close();
  });
});
