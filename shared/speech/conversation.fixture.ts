import type { Chunk } from './chunk.ts';
import { chunksOf } from './listening.fixture.ts';
import { digits } from './recordings.fixture.ts';

/** How much sound a gateway's frames are gathered to. */
export const CHUNK_MS = 100;
const RATE = 8;
const SPEAKERS = ['theo', 'george', 'jackson', 'lucas', 'nicolas', 'yweweler'];
/** The line is never quite silent, so the detector of speech never rests. */
const NOISE = 60;
const LISTENS_MS = 2_500;
const AUDIBLE = 0.1;

/** A caller's side of a call. */
export interface Conversation {
  /** At 8 kHz. */
  readonly sound: Int16Array;
  readonly chunks: readonly Chunk[];
  /** When each utterance begins, in milliseconds of sound. */
  readonly onsets: readonly number[];
}

/** A line on which nobody speaks: never quite silent. */
export const lineNoise = (ms: number): Int16Array =>
  Int16Array.from({ length: ms * RATE }, (_, i) => Math.round(NOISE * Math.sin(i * i * 0.37)));

/** Somebody who says some digits and then listens, again and again: speech is a good third of it. */
export async function conversation(serial: number, ms: number): Promise<Conversation> {
  const sound = lineNoise(ms);
  const onsets: number[] = [];
  let at = 700 + (serial % 10) * 190;
  for (let turn = 0; ; turn++) {
    const numbers = Array.from({ length: 4 }, (_, k) => (serial * 7 + turn * 3 + k * 3) % 10);
    const spoken = await digits(SPEAKERS[serial % SPEAKERS.length] ?? '', numbers, turn, 60);
    if (at + spoken.sound.length / RATE + LISTENS_MS > ms) break;
    onsets.push(at + onsetOf(spoken.sound) / RATE);
    sound.set(spoken.sound, at * RATE);
    at += spoken.sound.length / RATE + LISTENS_MS;
  }
  return { sound, chunks: chunksOf(sound, CHUNK_MS), onsets };
}

/** The first sample that can be heard: recordings begin with some silence or breath. */
export function onsetOf(sound: Int16Array): number {
  const loudest = sound.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
  return sound.findIndex((sample) => Math.abs(sample) > loudest * AUDIBLE);
}
