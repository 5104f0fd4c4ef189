/** Words that a stand-in "makes out": one for every 400 ms of sound that is not silence, wherever pieces begin and end. */
const WORDS = ['my', 'order', 'is', 'late', 'and', 'cold'];
const WORD_MS = 400;
const SILENT_BELOW = 500;

/** Speech as far as a stand-in is concerned: a tone of a second and a half. */
export const spokenTone = (rate: number): Int16Array =>
  Int16Array.from(
    { length: rate * 1.5 },
    (_, i) => Math.round(9_000 * Math.sin((i * 440 * 2 * Math.PI) / rate)) | 1_000,
  );
export const TONE_SAYS = WORDS.slice(0, 3).join(' ');

/** What a stand-in has made out of the sound that came so far, in 16 bits. */
export interface Loud {
  take(bytes: Uint8Array): void;
  readonly words: () => readonly { readonly word: string; readonly start: number; readonly end: number }[];
}

export function loud(rate: number): Loud {
  let samples = 0;
  let rest = new Uint8Array(0);
  return {
    take(bytes) {
      const all = Buffer.concat([rest, bytes]);
      const even = all.length - (all.length % 2);
      for (let at = 0; at < even; at += 2) if (Math.abs(all.readInt16LE(at)) > SILENT_BELOW) samples += 1;
      rest = Uint8Array.from(all.subarray(even));
    },
    words: () =>
      WORDS.slice(0, Math.floor((samples * 1_000) / rate / WORD_MS)).map((word, i) => ({
        word,
        start: (i * WORD_MS) / 1_000,
        end: ((i + 1) * WORD_MS) / 1_000,
      })),
  };
}
