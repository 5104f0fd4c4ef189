import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { writeWav } from '../../shared/speech/wav.ts';
import { readRecording, utterancesOf } from './recording.ts';

const RATE = 8_000;
const tone = (ms: number): number[] =>
  Array.from({ length: (ms * RATE) / 1_000 }, (_, i) => Math.round(8_000 * Math.sin(i)));
const silence = (ms: number): number[] => Array.from({ length: (ms * RATE) / 1_000 }, () => 0);
const recording = (...parts: readonly number[][]) => ({ rate: RATE, samples: Int16Array.from(parts.flat()) });
const lengths = (utterances: readonly Int16Array[]) => utterances.map(({ length }) => (length * 1_000) / RATE);

it('parts what a long pause parts, and keeps some of what is around', () => {
  const said = recording(silence(1_000), tone(500), silence(1_000), tone(300), silence(500), tone(200), silence(40));
  expect(lengths(utterancesOf(said, 900))).toEqual([900, 1_240]);
  expect(lengths(utterancesOf(said, 400))).toEqual([900, 700, 440]);
});

it('takes noise that is much quieter than speech for a pause', () => {
  const hiss = Array.from({ length: 8_000 }, (_, i) => (i % 2 === 0 ? 90 : -90));
  expect(utterancesOf(recording(tone(400), hiss, tone(400)), 900)).toHaveLength(2);
});

it('is one utterance where nothing can be heard at all', () => {
  expect(lengths(utterancesOf(recording(silence(700)), 900))).toEqual([700]);
});

it('is read at the rate of the line, whatever rate it has', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'turnstream-recording-'));
  const path = join(dir, 'said.wav');
  await writeFile(path, writeWav(recording(tone(500))));
  const { rate, samples } = await readRecording(path, 16_000);
  expect({ rate, length: samples.length }).toEqual({ rate: 16_000, length: 8_000 });
  await rm(dir, { recursive: true });
});
