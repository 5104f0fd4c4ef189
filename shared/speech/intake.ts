import type { Chunk } from './chunk.ts';
import { toLinear } from './codecs.ts';
import { initialResampling, resample, type Resampling } from './rate.ts';
import type { Rate } from './vad.ts';

/** How far the sound of a call was taken in. */
export interface Intake {
  /** What everything is brought to; the first chunk of a call says which of the two. */
  readonly rate: Rate;
  /** Where the sound that was taken ends, in milliseconds since the call began. */
  readonly endMs: number;
  /** Absent where the gateway's rate is ours. */
  readonly resampling?: Resampling;
}

/** Shorter gaps are rounding. A lost frame is 20 ms. */
const GAP_MS = 20;
/** A gap is filled with so much more silence than ends an utterance, and no more. */
const BEYOND_PATIENCE_MS = 1_000;
const LONGEST_GAP_MS = 30_000;

/** Telephone sound stays at 8 kHz; what has more in it is heard at 16 kHz. */
export const initialIntake = ({ format, fromMs }: Chunk): Intake => ({
  rate: format.rate < 16_000 ? 8_000 : 16_000,
  endMs: fromMs,
});

/** Takes a chunk: its samples in 16 bits at the rate of listening, silence where something is missing before it. */
export function takeIn(intake: Intake, chunk: Chunk): { readonly intake: Intake; readonly sound: Int16Array } {
  const { rate, endMs } = intake;
  const missingMs = chunk.fromMs - endMs;
  const isGap = missingMs >= GAP_MS;
  const enoughMs = Math.min(chunk.patience.withoutWordsMs + BEYOND_PATIENCE_MS, LONGEST_GAP_MS);
  const silence = isGap ? new Int16Array(Math.round((Math.min(missingMs, enoughMs) * rate) / 1_000)) : undefined;
  const samples = toLinear(chunk.sound, chunk.format.codec);
  const { sound, resampling } = atRate(intake.resampling, samples, chunk.format.rate, rate);
  const all = silence ? joined(silence, sound) : sound;
  const end = (isGap ? chunk.fromMs : endMs) + (sound.length * 1_000) / rate;
  return { intake: { rate, endMs: end, ...(resampling && { resampling }) }, sound: all };
}

/** One sound after the other. */
export function joined(a: Int16Array, b: Int16Array): Int16Array {
  const all = new Int16Array(a.length + b.length);
  all.set(a);
  all.set(b, a.length);
  return all;
}

function atRate(
  before: Resampling | undefined,
  samples: Int16Array,
  from: number,
  to: Rate,
): { readonly sound: Int16Array; readonly resampling?: Resampling } {
  if (from === to) return { sound: samples };
  const { state, sound } = resample(before?.from === from ? before : initialResampling(from), samples, to);
  return { sound, resampling: state };
}
