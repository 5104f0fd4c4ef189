import { gramTable } from '../features/table.ts';
import { chance, shuffled } from '../../chance/index.ts';
import { swapped } from './augment.ts';
import { chainOf, UNMET, type Chain } from './chain.ts';
import { clustersOf } from './clusters.ts';
import { examplesOf, type Example, type TaggedText } from './examples.ts';
import { gazetteerOf, type Listed } from './gazetteer.ts';
import { likelihood } from './gradient.ts';
import { labelCount, OUTSIDE, type Kind } from './labels.ts';
import { marginalRoom, prepare } from './marginals.ts';
import { FIRST_ROW, rowOf, rowsOf, spread, type Emissions } from './scores.ts';
import { collector } from './sparse.ts';
import { readTokens, tokenRoom, type Tokens } from './tokens.ts';
import { readUnits, unitRoom, WHOLE, WINDOWS, type Lexicon } from './units.ts';

/** How a tagger is trained. */
export interface TaggerOptions {
  /** Values that the author lists, by name of the list. */
  readonly lists?: Readonly<Record<string, readonly string[]>>;
  /** Entities less likely than that are not told; 0 unless said. */
  readonly threshold?: number;
  /** The same seed and examples give the same tagger. */
  readonly seed?: number;
  /** How often every example is looked at. */
  readonly rounds?: number;
  /** How far a weight moves at first. */
  readonly rate?: number;
  /** How strongly a weight is drawn towards 0 when it moves. */
  readonly decay?: number;
  /** The part of the units that is not seen each time: what is left has to do without them. */
  readonly dropout?: number;
  /**
   * So many further examples for each, with values swapped. 0.5 was better by 0.2 to 0.7 of F1 on three of our sets of
   * five and worse by 0.3 on two, for half the time again: 0 unless said.
   */
  readonly swap?: number;
  /** How much no span is favoured in training where there is one, so that spans are overlooked less often. */
  readonly caution?: number;
  /** Units met fewer times are not learnt from. */
  readonly least?: number;
  readonly onRound?: (round: number, rounds: number, loss: number) => void;
}

/** Kinds with fewer spans each, on average, */
const FEW = 150;
/** are kept from being overlooked: the score of no span is raised so much where one is, as training sees it. */
const CAUTION = 2;

/** What the sum of squared slopes begins with: a first step is not arbitrarily long. */
const FIRST_SQUARE = 1e-2;
/** Smaller slopes are not followed: most labels of most tokens are settled after a few rounds. */
const LEAST_SLOPE = 1e-3;
/** By so much steps are shorter in the end. */
const SLOWING = 0.95;

/** What training has found. */
export interface Trained {
  readonly kinds: readonly Kind[];
  readonly lexicon: Lexicon;
  readonly emissions: Emissions;
  readonly chain: Chain;
}

/** Trains a conditional random field by stochastic gradient ascent with a rate for each weight (AdaGrad). */
export function train(texts: readonly TaggedText[], options: TaggerOptions): Trained {
  const { seed = 1, rounds = 12, rate = 0.1, decay = 1e-3, dropout = 0.4, least = 2 } = options;
  const { kinds, examples: given } = examplesOf(texts);
  const lexicon = lexiconOf(given, kinds.length, options.lists ?? {}, seed);
  const labels = labelCount(kinds.length);
  const spans = given.reduce((sum, example) => sum + example.spans.length, 0);
  const caution = options.caution ?? (spans < FEW * kinds.length ? CAUTION : 0);
  const examples = [...given, ...swapped(given, options.swap ?? 0, chance(seed + 1))];
  const { units, read } = readAll(examples, lexicon, least);
  const emissions = pairsOf(units, read, examples, labels);
  const chain = chainOf(
    kinds.length,
    examples.map((example) => example.labels),
  );
  const { begin, delta } = emissions;
  const weight = emissions.weight;
  const squares = new Float32Array(weight.length).fill(FIRST_SQUARE);
  const chainSquares = new Float32Array(chain.weights.length).fill(FIRST_SQUARE);
  const longest = examples.reduce((most, { labels: l }) => Math.max(most, l.length), 0);
  const scores = new Float32Array(rowsOf(longest) * labels);
  const gradient = { scores: new Float32Array(scores.length), weights: new Float64Array(chain.weights.length) };
  const sums = marginalRoom(chain);
  const random = chance(seed);
  const order = examples.map((_, i) => i);
  const steps = rounds * examples.length;
  let step = 0;
  const dropped = new Uint8Array(1 << 16);
  for (let round = 0; round < rounds; round += 1) {
    let loss = 0;
    for (const e of shuffled(order, random)) {
      const gold = (examples[e] as Example).labels;
      const count = gold.length;
      const { unit, place } = read[e] as Read;
      const speed = rate * (1 - (step / steps) * SLOWING);
      step += 1;
      scores.fill(0, 0, rowsOf(count) * labels);
      gradient.scores.fill(0, 0, rowsOf(count) * labels);
      for (let u = 0; u < unit.length; u += 1) {
        const drop = dropout > 0 && random() < dropout ? 1 : 0;
        dropped[u] = drop;
        if (drop) continue;
        const row = rowOf(place[u] as number, labels);
        const end = begin[(unit[u] as number) + 1] as number;
        for (let w = begin[unit[u] as number] as number; w < end; w += 1) {
          const at = row + (delta[w] as number);
          scores[at] = (scores[at] as number) + (weight[w] as number);
        }
      }
      spread(scores, count, labels, 1 / (1 - dropout));
      if (caution > 0)
        for (let i = 0; i < count; i += 1) {
          const at = (FIRST_ROW + i) * labels + OUTSIDE;
          if (gold[i] !== OUTSIDE) scores[at] = (scores[at] as number) + caution;
        }
      loss -= likelihood(chain, sums, scores, FIRST_ROW * labels, gold, gradient);
      const g = gradient.scores;
      for (let i = 0; i < count; i += 1) {
        const row = (FIRST_ROW + i) * labels;
        for (let y = 0; y < labels; y += 1) g[y] = (g[y] as number) + (g[row + y] as number);
      }
      // Rows at the edges have no token, and their slopes stay 0.
      for (let u = 0; u < unit.length; u += 1) {
        if (dropped[u]) continue;
        const row = rowOf(place[u] as number, labels);
        const end = begin[(unit[u] as number) + 1] as number;
        for (let w = begin[unit[u] as number] as number; w < end; w += 1) {
          const up = g[row + (delta[w] as number)] as number;
          if (up < LEAST_SLOPE && up > -LEAST_SLOPE) continue;
          const by = up - decay * (weight[w] as number);
          const square = (squares[w] as number) + by * by;
          squares[w] = square;
          weight[w] = (weight[w] as number) + (speed * by) / Math.sqrt(square);
        }
      }
      for (let w = 0; w < chain.weights.length; w += 1) {
        const up = gradient.weights[w] as number;
        if (up < LEAST_SLOPE && up > -LEAST_SLOPE) continue;
        const by = up - decay * (chain.weights[w] as number);
        const square = (chainSquares[w] as number) + by * by;
        chainSquares[w] = square;
        const moved = Math.max(UNMET, (chain.weights[w] as number) + (speed * by) / Math.sqrt(square));
        chain.weights[w] = moved;
        sums.weights[w] = Math.exp(moved);
      }
    }
    options.onRound?.(round + 1, rounds, loss / examples.length);
  }
  prepare(sums, chain);
  return { kinds, lexicon, emissions, chain };
}

/** The units of an example that are learnt from. */
interface Read {
  readonly unit: Int32Array;
  readonly place: Int16Array;
  readonly sort: Uint8Array;
}

function lexiconOf(
  examples: readonly Example[],
  kinds: number,
  lists: Readonly<Record<string, readonly string[]>>,
  seed: number,
): Lexicon {
  const each = (read: (tokens: Tokens) => void): void => {
    for (const { tokens } of examples) read(tokens);
  };
  const listed: Listed[] = examples.flatMap(({ tokens, spans }) =>
    spans.map(({ first, last, kind }) => ({ tokens: Array.from(tokens.word.slice(first, last + 1)), list: kind })),
  );
  const room = tokenRoom();
  Object.values(lists).forEach((values, index) => {
    for (const value of values) {
      readTokens(value, room);
      listed.push({ tokens: Array.from(room.word.slice(0, room.count)), list: kinds + index });
    }
  });
  return { ...clustersOf(each, 2, seed), gazetteer: gazetteerOf(listed, each), learnt: kinds };
}

function readAll(examples: readonly Example[], lexicon: Lexicon, least: number) {
  const room = unitRoom();
  const counted = gramTable(1 << 16);
  let times = new Uint16Array(1 << 16);
  for (const { tokens, spans } of examples) {
    readUnits(tokens, lexicon, room, spans);
    for (let u = 0; u < room.count; u += 1) {
      const id = counted.add(room.key[u] as number);
      if (id >= times.length) {
        const larger = new Uint16Array(times.length * 2);
        larger.set(times);
        times = larger;
      }
      if ((times[id] as number) < 0xffff) times[id] = (times[id] as number) + 1;
    }
  }
  const units = gramTable(1 << 16);
  const grams = counted.grams();
  for (let id = 0; id < grams.length; id += 1) if ((times[id] as number) >= least) units.add(grams[id] as number);
  const read: Read[] = examples.map(({ tokens, spans }) => {
    readUnits(tokens, lexicon, room, spans);
    const unit: number[] = [];
    const place: number[] = [];
    const sort: number[] = [];
    for (let u = 0; u < room.count; u += 1) {
      const id = units.idOf(room.key[u] as number);
      if (id < 0) continue;
      unit.push(id);
      place.push(room.place[u] as number);
      sort.push(room.sort[u] as number);
    }
    return { unit: Int32Array.from(unit), place: Int16Array.from(place), sort: Uint8Array.from(sort) };
  });
  return { units, read };
}

const SPREAD = 0x1_0000;
const MIDDLE = 0x8000;

/** A weight for each label that a unit was met with at each offset. */
function pairsOf(
  units: ReturnType<typeof gramTable>,
  read: readonly Read[],
  examples: readonly Example[],
  labels: number,
): Emissions {
  const pairs = collector();
  examples.forEach(({ labels: gold }, e) => {
    const { unit, place, sort } = read[e] as Read;
    for (let u = 0; u < unit.length; u += 1) {
      const base = (unit[u] as number) * SPREAD + MIDDLE;
      if (place[u] === WHOLE) {
        for (const label of gold) pairs.add(base + label);
        continue;
      }
      const { low, high } = WINDOWS[sort[u] as number] as (typeof WINDOWS)[number];
      for (let offset = low; offset <= high; offset += 1) {
        const label = gold[(place[u] as number) + offset];
        if (label !== undefined) pairs.add(base + offset * labels + label);
      }
    }
  });
  const sorted = pairs.sorted();
  const begin = new Uint32Array(units.size + 1);
  const delta = new Int16Array(sorted.length);
  for (let i = 0; i < sorted.length; i += 1) {
    const pair = sorted[i] as number;
    const unit = Math.floor(pair / SPREAD);
    begin[unit + 1] = i + 1;
    delta[i] = (pair % SPREAD) - MIDDLE;
  }
  for (let u = 1; u < begin.length; u += 1) if (begin[u] === 0) begin[u] = begin[u - 1] as number;
  return { units, begin, delta, weight: new Float32Array(sorted.length), scale: 1 };
}
