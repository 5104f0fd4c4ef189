import { PlatformError } from '../../errors/index.ts';
import { readWav, type Recording } from '../wav.ts';

/** Longer than any sentence is spoken: more is not believed. */
const LONGEST_MS = 120_000;

/** Reads what a voice has made, a WAV file. Fails with `tts.failed` (later) or `tts.too-long` (never). */
export function readSpeech(file: Uint8Array): Recording {
  const read = readWav(file, LONGEST_MS);
  if (read.ok) return { rate: read.rate, samples: read.samples };
  if (read.why === 'too-long') {
    throw new PlatformError('tts.too-long', 'a voice made more sound than anybody listens to', { retry: 'never' });
  }
  throw new PlatformError('tts.failed', `a voice made no sound: ${read.why}`, { retry: 'later', retryAfterMs: 1_000 });
}
