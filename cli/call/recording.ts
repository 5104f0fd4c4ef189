import { readFile } from 'node:fs/promises';
import { PlatformError } from '../../shared/errors/index.ts';
import { atRate } from '../../shared/speech/at-rate.ts';
import { readWav, type NoWav, type Recording } from '../../shared/speech/wav.ts';

const LONGEST_MS = 1_800_000;
const WINDOW_MS = 20;
/** Quieter than this part of the loudest window is a pause, and so is what nobody hears. */
const QUIET_PART = 0.06;
const QUIET = 80;
/** Speech keeps so much of what is around it: words begin and end softly. */
const AROUND_MS = 200;

const WHY: Readonly<Record<NoWav, string>> = {
  'not-a-wav': 'it is no WAV file',
  'no-format': 'its header does not say how the sound is written',
  'unknown-encoding': 'its encoding is none of linear, float, A-law and mu-law',
  'bad-format': 'its header says what cannot be',
  'no-sound': 'there is no sound in it',
  'too-long': 'it is longer than half an hour',
};

/** Reads a WAV file at the rate of a line. Fails with `recording.invalid`, saying why. */
export async function readRecording(path: string, rate: number): Promise<Recording> {
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw new PlatformError('recording.invalid', `cannot read ${path}`, { retry: 'never', cause });
  });
  const read = readWav(bytes, LONGEST_MS);
  if (!read.ok) {
    throw new PlatformError('recording.invalid', `cannot play ${path}: ${WHY[read.why]}`, { retry: 'never' });
  }
  return atRate(read, rate);
}

/**
 * What is said one after the other: the recording cut at pauses of `pauseMs` and more. All of it where it is silent
 * throughout.
 */
export function utterancesOf({ rate, samples }: Recording, pauseMs: number): readonly Int16Array[] {
  const size = Math.round((rate * WINDOW_MS) / 1_000);
  const loudness = Array.from({ length: Math.ceil(samples.length / size) }, (_, i) =>
    rms(samples.subarray(i * size, (i + 1) * size)),
  );
  const most = loudness.reduce((a, b) => Math.max(a, b), 0);
  const limit = Math.max(QUIET, most * QUIET_PART);
  const stretches: { from: number; to: number }[] = [];
  for (const [i, level] of loudness.entries()) {
    if (level < limit) continue;
    const last = stretches.at(-1);
    if (last && (i - last.to) * WINDOW_MS < pauseMs) last.to = i + 1;
    else stretches.push({ from: i, to: i + 1 });
  }
  if (stretches.length === 0) return [samples];
  const around = AROUND_MS / WINDOW_MS;
  return stretches.map(({ from, to }) => samples.slice(Math.max(0, from - around) * size, (to + around) * size));
}

function rms(samples: Int16Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  return Math.sqrt(sum / samples.length);
}
