import { plainText } from '../text/plain.ts';
import { gramBuffer, readGrams, type Grams } from './grams.ts';

/** Takes texts apart. What it returns is valid until the next text is read. */
export type GramReader = (text: string) => Grams;

/** Reads each text anew, always into the same buffer: for utterances. */
export function gramReader(): GramReader {
  const buffer = gramBuffer();
  return (text) => {
    readGrams(plainText(text), buffer);
    return buffer;
  };
}

/** Reads each text once and remembers it: for training, where every text is read in each rehearsal again. */
export function rememberingReader(): GramReader {
  const read = gramReader();
  const known = new Map<string, Grams>();
  return (text) => {
    const before = known.get(text);
    if (before) return before;
    const { hashes, length } = read(text);
    const kept = { hashes: hashes.slice(0, length), length };
    known.set(text, kept);
    return kept;
  };
}
