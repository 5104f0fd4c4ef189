import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

interface Example {
  readonly intent: string;
  /** As it stands in the file, with its marks. */
  readonly marked: string;
  readonly text: string;
  /** What is compared: letters and digits only, in lower case. */
  readonly key: string;
}
interface NluFile {
  readonly nlu: readonly { readonly intent: string; readonly examples: string }[];
}
interface Outline {
  readonly entities: Readonly<Record<string, string>>;
  readonly domains: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

const MARK = /\[([^\]]*)\]\(([^)]*)\)/gu;
const read = (...path: readonly string[]): string => readFileSync(join(import.meta.dirname, ...path), 'utf8');

const example = (intent: string, marked: string): Example => {
  const text = marked.replace(MARK, '$1');
  const key = text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '');
  return { intent, marked, text, key };
};
const examplesOf = (...path: readonly string[]): readonly Example[] =>
  (parse(read(...path)) as NluFile).nlu.flatMap(({ intent, examples }) =>
    examples
      .trimEnd()
      .split('\n')
      .map((line) => {
        if (!/^- \S(.*\S)?$/u.test(line) || line.includes('\t')) throw new Error(`${path.join('/')}: ${line}`);
        return example(intent, line.slice(2));
      }),
  );

const countsOf = (examples: readonly Example[]): Readonly<Record<string, number>> =>
  Object.fromEntries(intents.map((intent) => [intent, examples.filter((one) => one.intent === intent).length]));
const fewerThan = (least: number, examples: readonly Example[]): readonly string[] =>
  Object.entries(countsOf(examples)).flatMap(([intent, n]) => (n < least ? [`${intent}: ${n}`] : []));

const gramsOf = (key: string): ReadonlySet<string> => {
  const letters = Array.from(key);
  if (letters.length < 3) return new Set([key]);
  return new Set(letters.slice(2).map((_, i) => letters.slice(i, i + 3).join('')));
};

/** For any text, the example that shares most of its trigrams, and the Jaccard similarity to it. */
const nearest = (among: readonly Example[]): ((key: string) => readonly [number, Example | undefined]) => {
  const sizes = among.map(({ key }) => gramsOf(key).size);
  const holders = new Map<string, number[]>();
  for (const [i, { key }] of among.entries())
    for (const gram of gramsOf(key)) {
      const those = holders.get(gram);
      if (those) those.push(i);
      else holders.set(gram, [i]);
    }
  return (key) => {
    const grams = gramsOf(key);
    const shared = new Map<number, number>();
    for (const gram of grams) for (const i of holders.get(gram) ?? []) shared.set(i, (shared.get(i) ?? 0) + 1);
    let best: readonly [number, Example | undefined] = [0, undefined];
    for (const [i, n] of shared) {
      const similarity = n / (grams.size + (sizes[i] ?? 0) - n);
      if (similarity > best[0]) best = [similarity, among[i]];
    }
    return best;
  };
};

const outline = parse(read('intents.yml')) as Outline;
const intents = Object.values(outline.domains).flatMap((domain) => Object.keys(domain));
const LANGUAGES = ['zh', 'en'].map((language) => {
  const files = readdirSync(join(import.meta.dirname, language)).filter((name) => name.endsWith('.yml'));
  const training = files.flatMap((name) => examplesOf(language, name));
  const test = examplesOf('test', `${language}.yml`);
  const validation = examplesOf('validation', `${language}.yml`);
  const outside = read('test', `${language}-out-of-scope.txt`)
    .trimEnd()
    .split('\n')
    .map((line) => example('out of scope', line));
  return { language, training, validation, test, outside };
});

it('has 81 intents, each in one domain', () => {
  expect(intents).toHaveLength(81);
  expect(new Set(intents).size).toBe(81);
});

describe.each(LANGUAGES)('in $language', ({ training, validation, test, outside }) => {
  it('has at least 40 examples for each intent and 8 in its test part', () => {
    expect(fewerThan(40, training)).toEqual([]);
    expect(fewerThan(8, test)).toEqual([]);
    expect(outside.length).toBeGreaterThanOrEqual(160);
  });

  it('knows every intent and entity, and has no bracket beside the marks', () => {
    const all = [...training, ...validation, ...test];
    const entities = all.flatMap(({ marked }) => [...marked.matchAll(MARK)].map(([, , entity]) => entity ?? ''));
    expect([...new Set(all.map(({ intent }) => intent))].filter((name) => !intents.includes(name))).toEqual([]);
    expect([...new Set(entities)].filter((name) => !Object.hasOwn(outline.entities, name))).toEqual([]);
    expect([...all, ...outside].filter(({ text }) => /[[\]()]/u.test(text)).map(({ text }) => text)).toEqual([]);
  });

  it('has no sentence under two intents', () => {
    const first = new Map<string, Example>();
    const twice: string[] = [];
    for (const one of [...training, ...validation, ...test, ...outside]) {
      if (one.key === '') continue;
      const before = first.get(one.key);
      if (before && before.intent !== one.intent) twice.push(`${before.intent}, ${one.intent}: ${one.text}`);
      first.set(one.key, before ?? one);
    }
    expect(twice).toEqual([]);
  });

  it.each([
    ['test', 'training', [...test, ...outside], training],
    ['validation', 'training', validation, training],
    ['test', 'validation', [...test, ...outside], validation],
  ])('has no %s sentence that is, or nearly is, a %s sentence', (_one, _other, examples, among) => {
    const nearestOf = nearest(among);
    const leaks = examples.flatMap(({ key, text }) => {
      const [similarity, of] = nearestOf(key);
      return of && similarity > 0.8 ? [`${text} ~ ${of.text} (${similarity.toFixed(2)})`] : [];
    });
    expect(leaks).toEqual([]);
  });
});
