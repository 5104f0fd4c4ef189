/** The recordings that the model is measured on: strings of real speakers' digits, and speech without its words. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { chance } from '../../shared/chance/index.ts';

const DATA = new URL('../../../shared/data/voice/', import.meta.url);
const NAMES = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'];

/** A recording (samples from -1 to 1 at 8 kHz) and which of the model's words are said in it. */
export interface Item {
  readonly name: string;
  readonly samples: Float32Array;
  readonly words: readonly string[];
}

/** Samples of a 16-bit WAV file, at 8 kHz (from 16 kHz by a short low-pass filter). */
export function readWav(file: URL): Float32Array {
  const bytes = readFileSync(file);
  const rate = bytes.readUInt32LE(24);
  const data = bytes.indexOf('data', 12, 'latin1') + 8;
  const samples = Float32Array.from(
    { length: (bytes.length - data) >> 1 },
    (_, i) => bytes.readInt16LE(data + 2 * i) / 32_768,
  );
  if (rate === 8_000) return samples;
  if (rate !== 16_000) throw new Error(`a rate of ${rate} is not read here`);
  const TAPS = 48;
  const sinc = (x: number): number => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));
  const filter = Float32Array.from({ length: 2 * TAPS + 1 }, (_, k) => {
    const x = k - TAPS;
    return 0.475 * sinc(0.475 * x) * (0.5 + 0.5 * Math.cos((Math.PI * x) / (TAPS + 1)));
  });
  return Float32Array.from({ length: samples.length >> 1 }, (_, i) =>
    filter.reduce((sum, weight, k) => sum + weight * (samples[2 * i + k - TAPS] ?? 0), 0),
  );
}

/** Whether the recordings are there: they stand beside the repository, not in it. */
export const present = (): boolean => existsSync(new URL('fsdd/wav/', DATA));

/** So many strings of 4 to 8 digits of one FSDD speaker, 50 to 200 ms of digital silence between them. */
export function digitStrings(speaker: string, count: number, seed: number): readonly Item[] {
  const random = chance(seed);
  const files = readdirSync(new URL('fsdd/wav/', DATA)).filter((name) => name.includes(`_${speaker}_`));
  const clips = files.toSorted().map((name) => ({
    word: NAMES[Number(name[0])] ?? '',
    samples: readWav(new URL(`fsdd/wav/${name}`, DATA)),
  }));
  return Array.from({ length: count }, (_, i) => {
    const parts: Float32Array[] = [new Float32Array(2_400)];
    const words: string[] = [];
    for (let left = 4 + Math.floor(random() * 5); left > 0; left -= 1) {
      const clip = clips[Math.floor(random() * clips.length)];
      if (!clip) continue;
      parts.push(clip.samples, new Float32Array(Math.floor(400 + random() * 1_200)));
      words.push(clip.word);
    }
    return { name: `${speaker}-${i}`, samples: joined([...parts, new Float32Array(4_800)]), words };
  });
}

/** Every digit of a speaker by itself, half a second of silence around it. */
export function loneDigits(speaker: string): readonly Item[] {
  const files = readdirSync(new URL('fsdd/wav/', DATA)).filter((name) => name.includes(`_${speaker}_`));
  return files.toSorted().map((name) => ({
    name,
    samples: joined([new Float32Array(4_000), readWav(new URL(`fsdd/wav/${name}`, DATA)), new Float32Array(4_800)]),
    words: [NAMES[Number(name[0])] ?? ''],
  }));
}

/**
 * Orders of coffee by many speakers. Every fourth is heard in training, every fourth serves to choose settings
 * (`validation`), the other half is measured.
 */
export function otherSpeech(part: 'validation' | 'test'): readonly Item[] {
  const lines = readFileSync(new URL('picovoice-s2i/transcripts.tsv', DATA), 'utf8').trim().split('\n').slice(1);
  const files = lines.map((line) => line.split('\t')).toSorted(([a = ''], [b = '']) => (a < b ? -1 : 1));
  return files
    .filter((_, i) => (part === 'validation' ? i % 4 === 1 : i % 4 > 1))
    .map(([file = '', , , label = '']) => ({
      name: file,
      samples: readWav(new URL(`picovoice-s2i/${file}`, DATA)),
      words: label.includes('"eight ounce"') ? ['eight'] : [],
    }));
}

/** Recordings in a folder with `transcripts.tsv` (file, words), as `heldout.py` writes them. */
export function folder(path: string): readonly Item[] {
  const root = new URL(`file://${path}/`);
  const lines = readFileSync(new URL('transcripts.tsv', root), 'utf8').trim().split('\n');
  return lines.map((line) => {
    const [file = '', words = ''] = line.split('\t');
    const samples = joined([new Float32Array(2_400), readWav(new URL(file, root)), new Float32Array(4_800)]);
    return { name: file, samples, words: words.split(' ').filter(Boolean) };
  });
}

export function joined(parts: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
