import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { joined } from './intake.ts';
import { readWav } from './wav.ts';

const FOLDER = new URL('../../../shared/data/voice/fsdd/', import.meta.url);
const WORDS = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'];

/** Whether the labelled recordings are on this machine. */
export const hasRecordings = (): boolean => existsSync(FOLDER);

/** A recording at 8 kHz, and what is said in it. */
export interface Spoken {
  readonly sound: Int16Array;
  readonly words: readonly string[];
}

/** Digits as a speaker of the Free Spoken Digit Dataset said them, one after the other, with pauses between them. */
export async function digits(speaker: string, numbers: readonly number[], take = 0, pauseMs = 120): Promise<Spoken> {
  let sound: Int16Array = new Int16Array(0);
  for (const [i, number] of numbers.entries()) {
    const names = takesOf(speaker, number);
    const name = names[(take + i) % names.length] ?? '';
    const wav = readWav(await readFile(new URL(`wav/${name}`, FOLDER)));
    if (!wav.ok || wav.rate !== 8_000) throw new Error('not a recording of the set');
    sound = joined(joined(sound, wav.samples), new Int16Array(pauseMs * 8));
  }
  return { sound, words: numbers.map((number) => WORDS[number] ?? '') };
}

let names: readonly string[] | undefined;

function takesOf(speaker: string, number: number): readonly string[] {
  names ??= readdirSync(fileURLToPath(new URL('wav/', FOLDER))).sort();
  return names.filter((name) => name.startsWith(`${number}_${speaker}_`));
}

/** A recording of the folder, as it is. */
export const recordingAt = (path: string): Uint8Array => readFileSync(new URL(`../${path}`, FOLDER));
