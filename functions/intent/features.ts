/** What is counted in a text: how often each feature occurs, in the order in which they were met. */
export type Features = ReadonlyMap<string, number>;

/** An intent that far down is no news, and the time to read must not grow with a customer's patience. */
const READ = 2_000;

/** Which number it is hardly ever matters to what is wanted: any longer one is written the same. */
const NUMBER = /(?<![a-z])[a-z]{0,3}[-\s]?\d(?:[-\s]?\d){3,}/g;
const ANY_NUMBER = ' 0000 ';

/** Runs of characters written without spaces between words, and words of all other scripts. */
const RUN = /(\p{Script=Han}+)|((?:(?!\p{Script=Han})[\p{L}\p{M}\p{N}])+)/gu;

/** Parts of a word forgive slips of the finger, and count half since there are many of them. */
const PART = 0.5;

/** A text as it is compared: compatibility forms made plain, lower case, numbers alike, apostrophes gone. */
export function plainText(text: string): string {
  return text.slice(0, READ).normalize('NFKC').toLowerCase().replace(/['’]/g, '').replace(NUMBER, ANY_NUMBER);
}

/** The words of a plain text, one space apart: equal for texts that differ in punctuation only. */
export function wordsOf(plain: string): string {
  return (plain.match(RUN) ?? []).join(' ');
}

/**
 * Chinese is read as characters, pairs and threes; other scripts as words, pairs of words and parts of words. Both know
 * where a sentence begins and ends, since "yes" and "不" mean most when nothing else is said.
 */
export function featuresOf(plain: string): Features {
  const features = new Map<string, number>();
  const add = (feature: string, weight: number): void => {
    features.set(feature, (features.get(feature) ?? 0) + weight);
  };
  let previous: string | undefined = '^';
  for (const [, han, word = ''] of plain.matchAll(RUN)) {
    if (han !== undefined) {
      addCharacters(Array.from(han), add);
      previous = undefined;
    } else {
      add(word, 1);
      if (previous !== undefined) add(`${previous} ${word}`, 1);
      addParts(word, add);
      previous = word;
    }
  }
  if (previous !== undefined && features.size > 0) add(`${previous} $`, 1);
  return features;
}

function addCharacters(characters: readonly string[], add: (feature: string, weight: number) => void): void {
  let before = '^';
  let beforeThat = '';
  for (const character of characters) {
    add(character, 1);
    add(before + character, 1);
    if (beforeThat !== '' && beforeThat !== '^') add(beforeThat + before + character, 1);
    beforeThat = before;
    before = character;
  }
  add(`${before}$`, 1);
}

function addParts(word: string, add: (feature: string, weight: number) => void): void {
  if (word.length < 3 || ANY_NUMBER.includes(word)) return;
  const marked = `<${word}>`;
  for (const length of [3, 4]) {
    for (let start = 0; start + length <= marked.length; start += 1) {
      add(`~${marked.slice(start, start + length)}`, PART);
    }
  }
}
