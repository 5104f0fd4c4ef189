import { SENTENCE_END } from '../../shared/session/heard.ts';

/** What is made into sound at a time: longer ones keep the caller waiting, shorter ones sound cut. */
const LONGEST = 240;
const PAUSE = /(?<=[,，、:：])\s*/u;
const HAN = /\p{Script=Han}/u;

/** A text in sentences, each short enough to be spoken at once. */
export function sentencesOf(text: string): readonly string[] {
  const sentences = text
    .split(SENTENCE_END)
    .map((s) => s.trim())
    .filter((s) => /[\p{L}\p{N}]/u.test(s));
  return sentences.flatMap((sentence) => (sentence.length <= LONGEST ? [sentence] : shortened(sentence)));
}

/** The words at the beginning of a text that take up a share of the time it is spoken in; whole words only. */
export function beginningOf(text: string, share: number): string {
  const length = Math.floor(text.length * Math.max(0, Math.min(1, share)));
  if (length >= text.length) return text;
  // Chinese has no spaces to cut at.
  if (HAN.test(text.slice(Math.max(0, length - 1), length + 1))) return text.slice(0, length).trim();
  const cut = text.slice(0, length);
  const inside = /\S/u.test(text.charAt(length)) && /\S$/u.test(cut);
  return (inside ? cut.replace(/\S+$/u, '') : cut).trim();
}

function shortened(sentence: string): readonly string[] {
  const parts = sentence.split(PAUSE).flatMap((part) => part.match(/.{1,240}(?:\s|$)|.{1,240}/gsu) ?? []);
  return parts.reduce<string[]>((all, part) => {
    const last = all.at(-1);
    if (last !== undefined && last.length + part.length < LONGEST) all.splice(-1, 1, `${last} ${part}`.trim());
    else if (part.trim() !== '') all.push(part.trim());
    return all;
  }, []);
}
