import { text } from 'node:stream/consumers';
import { writeWav } from '../../shared/speech/wav.ts';

// A voice for tests, as a program: hums for 40 ms for each character of its input.

const RATE = 16_000;
const words = await text(process.stdin);
const samples = Int16Array.from({ length: (words.length * 40 * RATE) / 1_000 }, (_, i) =>
  Math.round(6_000 * Math.sin((2 * Math.PI * 220 * i) / RATE)),
);
process.stdout.write(writeWav({ rate: RATE, samples }));
