import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { MarkedEntity, TaggedText } from '../../../shared/nlu/tagger/examples.ts';

/** A set with marked entities: what is learned from, what is judged, and the goal for the F1 of exact spans in percent. */
export interface SlotSet {
  readonly name: string;
  readonly train: readonly TaggedText[];
  readonly test: readonly TaggedText[];
  readonly goal?: number;
}

const DATA = fileURLToPath(new URL('../../../../shared/data/nlu/', import.meta.url));
const DOMAINS = { airline: 88, finance: undefined, insurance: undefined } as const;

/** The sets with entities that are there, each read when it is called for. */
export function slotSets(): Readonly<Record<string, () => SlotSet>> {
  if (!existsSync(DATA)) return {};
  const set = (name: string, folder: string, read: (line: string) => TaggedText, goal?: number) => () => ({
    name,
    train: lines(`${folder}/train.jsonl`).map(read),
    test: lines(`${folder}/test.jsonl`).map(read),
    ...(goal === undefined ? {} : { goal }),
  });
  return {
    snips: set('SNIPS', 'snips', snips, 95),
    crosswoz: set('CrossWOZ', 'crosswoz', crosswoz),
    ...Object.fromEntries(
      Object.entries(DOMAINS).map(([domain, goal]) => [
        domain,
        set(`MultiDoGO ${domain}`, `multidogo-${domain}`, multidogo, goal),
      ]),
    ),
  };
}

function lines(path: string): readonly string[] {
  return readFileSync(`${DATA}${path}`, 'utf8')
    .split('\n')
    .filter((line) => line !== '');
}

/** Places in a text in code points, from places in code units. */
const placed = (text: string, entity: string, start: number, end: number): MarkedEntity => {
  const before = Array.from(text.slice(0, start)).length;
  return { entity, start: before, end: before + Array.from(text.slice(start, end)).length };
};

/** SNIPS (CC0): places are code points. */
function snips(line: string): TaggedText {
  const { text, slots } = JSON.parse(line) as { text: string; slots: readonly MarkedEntity[] };
  return { text, entities: slots.map(({ entity, start, end }) => ({ entity, start, end })) };
}

/** MultiDoGO (CDLA-Permissive 1.0) names an entity for each word: neighbours with the same name are one span. */
function multidogo(line: string): TaggedText {
  const { text, bio } = JSON.parse(line) as { text: string; bio: readonly string[] };
  const entities: MarkedEntity[] = [];
  let at = 0;
  let before = 'O';
  text.split(' ').forEach((word, i) => {
    const name = word === '' ? 'O' : (bio[i] ?? 'O');
    const span = placed(text, name, at, at + word.length);
    const last = entities.at(-1);
    if (name !== 'O' && name === before && last) entities[entities.length - 1] = { ...last, end: span.end };
    else if (name !== 'O') entities.push(span);
    before = name;
    at += word.length + 1;
  });
  return { text, entities };
}

const NO_VALUE = new Set(['', 'none', '是', '否']);

/**
 * CrossWOZ (Apache-2.0) says what a turn informs of, not where: each act's value is looked for in the text, longer ones
 * first, at the first place that no other takes. Values that stand nowhere, and yes and no, are left out. An entity is
 * domain and slot. Learned from the published validation part.
 */
function crosswoz(line: string): TaggedText {
  const { text, acts } = JSON.parse(line) as {
    text: string;
    acts: readonly (readonly [string, string, string, string])[];
  };
  const taken: { readonly entity: string; readonly start: number; readonly end: number }[] = [];
  const values = acts.filter(([, , , value]) => !NO_VALUE.has(value));
  for (const [, domain, slot, value] of values.toSorted((a, b) => b[3].length - a[3].length)) {
    let start = text.indexOf(value);
    while (start >= 0 && taken.some((other) => other.start < start + value.length && start < other.end)) {
      start = text.indexOf(value, start + 1);
    }
    if (start >= 0) taken.push({ entity: `${domain}-${slot}`, start, end: start + value.length });
  }
  const ordered = taken.toSorted((a, b) => a.start - b.start);
  return { text, entities: ordered.map(({ entity, start, end }) => placed(text, entity, start, end)) };
}
