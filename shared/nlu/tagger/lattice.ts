import {
  AFTER_NONE,
  BLOCKS,
  FIRST,
  FURTHER,
  LAST_AFTER,
  LAST_IN,
  LEAVES_MORE,
  LEAVES_ONE,
  SECOND,
  UNMET,
} from './chain.ts';
import type { Chain } from './chain.ts';
import { add, AFTER, keep, larger, MORE, ONE, PARTS, roomFor } from './cells.ts';
import { begins, continues, labelCount, OUTSIDE } from './labels.ts';

/** How much of what is possible is looked at. */
export interface Beam {
  /** Nothing begins at a token where its label is further than that below the best. */
  readonly reach: number;
  /** A kind that holds a smaller part of the whole, up to a token, is followed no further. */
  readonly part: number;
}

/** Where a span stands, by tokens, and how likely exactly it is. */
export interface Found {
  readonly kind: number;
  readonly first: number;
  readonly last: number;
  readonly chance: number;
}

/** Marks a path that comes from before any span. */
const NONE = -1;

/**
 * Finds the most likely labels of a text (Viterbi) and how likely each of its spans is (forward and backward sums), only
 * in those cells (kind, token) that hold anything: a few of many at each token. Only sequences are looked at in which a
 * span begins before it goes on. With an endless beam it is exact.
 */
export function spanSearch(chain: Chain, { reach, part }: Beam) {
  const { kinds, from, starts, weights } = chain;
  const labels = labelCount(kinds);
  const pairs = BLOCKS * kinds;
  const factor = Float64Array.from(weights, Math.exp);
  const unmet = Math.exp(UNMET);
  /** The cell of each kind at the token before, and at this one. */
  let slots = new Int32Array(kinds).fill(NONE);
  let nextSlots = new Int32Array(kinds).fill(NONE);
  let room = roomFor(256, kinds);

  /** Fills in cells from the first token to the last; returns how many there are. */
  const forward = (scores: Float32Array, offset: number, count: number): void => {
    slots.fill(NONE);
    let cells = 0;
    let none = 1;
    let bestNone = 0;
    for (let i = 0; i < count; i += 1) {
      if (room.kind.length < cells + kinds) room = larger(room, kinds);
      const { kind, label, sum, best, back } = room;
      const row = offset + i * labels;
      let top = scores[row] as number;
      for (let y = 1; y < labels; y += 1) if ((scores[row + y] as number) > top) top = scores[row + y] as number;
      const least = top - reach;
      const outsideScore = scores[row + OUTSIDE] as number;
      const outside = Math.exp(outsideScore - top);
      const begin = room.begin[i] as number;
      cells = begin;
      let any = 0;
      let bestAny = -Infinity;
      let anyFrom = NONE;
      const earlier = i === 0 ? begin : (room.begin[i - 1] as number);
      for (let p = earlier * PARTS; p < begin * PARTS; p += 1) {
        any += sum[p] as number;
        if ((best[p] as number) <= bestAny) continue;
        bestAny = best[p] as number;
        anyFrom = p;
      }
      // What is begun goes on or ends.
      for (let c = earlier; c < begin; c += 1) {
        const k = kind[c] as number;
        const old = c * PARTS;
        const cell = cells * PARTS;
        kind[cells] = k;
        nextSlots[k] = cells;
        cells += 1;
        const on = scores[row + continues(k)] as number;
        const onLabel = Math.exp(on - top);
        label[cell + ONE] = 0;
        label[cell + MORE] = onLabel;
        sum[cell + ONE] = 0;
        best[cell + ONE] = -Infinity;
        const one = sum[old + ONE] as number;
        const more = sum[old + MORE] as number;
        sum[cell + MORE] =
          onLabel * (one * (factor[SECOND * kinds + k] as number) + more * (factor[FURTHER * kinds + k] as number));
        const second = (best[old + ONE] as number) + (weights[SECOND * kinds + k] as number);
        const further = (best[old + MORE] as number) + (weights[FURTHER * kinds + k] as number);
        best[cell + MORE] = onLabel === 0 ? -Infinity : (second > further ? second : further) + on;
        back[cell + MORE] = old + (second > further ? ONE : MORE);
        sum[cell + AFTER] =
          outside *
          (one * (factor[LEAVES_ONE * kinds + k] as number) +
            more * (factor[LEAVES_MORE * kinds + k] as number) +
            (sum[old + AFTER] as number));
        const leftOne = (best[old + ONE] as number) + (weights[LEAVES_ONE * kinds + k] as number);
        const leftMore = (best[old + MORE] as number) + (weights[LEAVES_MORE * kinds + k] as number);
        const stays = best[old + AFTER] as number;
        const left = leftOne > leftMore ? leftOne : leftMore;
        best[cell + AFTER] = (stays > left ? stays : left) + outsideScore;
        back[cell + AFTER] = old + (stays > left ? AFTER : leftOne > leftMore ? ONE : MORE);
      }
      // What begins here.
      for (let k = 0; k < kinds; k += 1) {
        const score = scores[row + begins(k)] as number;
        if (score < least) continue;
        const block = (i === 0 ? FIRST : AFTER_NONE) * kinds + k;
        let total = none * (factor[block] as number) + any * unmet;
        let most = bestNone + (weights[block] as number);
        let source = NONE;
        if (bestAny + UNMET > most) {
          most = bestAny + UNMET;
          source = anyFrom;
        }
        for (let p = starts[k] as number; p < (starts[k + 1] as number); p += 1) {
          const c = (slots[from[p] as number] as number) * PARTS;
          if (c < 0) continue;
          const mass = (sum[c + ONE] as number) + (sum[c + MORE] as number);
          total += mass * ((factor[pairs + p] as number) - unmet);
          const last = (best[c + ONE] as number) > (best[c + MORE] as number) ? c + ONE : c + MORE;
          const path = (best[last] as number) + (weights[pairs + p] as number);
          if (path <= most) continue;
          most = path;
          source = last;
        }
        for (let p = starts[kinds + k] as number; p < (starts[kinds + k + 1] as number); p += 1) {
          const c = (slots[from[p] as number] as number) * PARTS;
          if (c < 0) continue;
          total += (sum[c + AFTER] as number) * ((factor[pairs + p] as number) - unmet);
          const path = (best[c + AFTER] as number) + (weights[pairs + p] as number);
          if (path <= most) continue;
          most = path;
          source = c + AFTER;
        }
        let at = nextSlots[k] as number;
        if (at < 0) {
          at = cells;
          cells += 1;
          kind[at] = k;
          nextSlots[k] = at;
          label[at * PARTS + MORE] = sum[at * PARTS + MORE] = sum[at * PARTS + AFTER] = 0;
          best[at * PARTS + MORE] = best[at * PARTS + AFTER] = -Infinity;
        }
        const cell = at * PARTS + ONE;
        label[cell] = Math.exp(score - top);
        sum[cell] = total * label[cell];
        best[cell] = most + score;
        back[cell] = source;
      }
      none *= outside;
      bestNone += outsideScore;
      let all = none;
      for (let p = begin * PARTS; p < cells * PARTS; p += 1) all += sum[p] as number;
      for (let c = earlier; c < begin; c += 1) slots[kind[c] as number] = NONE;
      for (let c = begin; c < cells; c += 1) nextSlots[kind[c] as number] = NONE;
      const kept = keep(room, begin, cells, all, part * all);
      for (let c = begin; c < kept; c += 1) nextSlots[kind[c] as number] = c;
      [slots, nextSlots] = [nextSlots, slots];
      cells = kept;
      none /= all;
      room.none[i] = none;
      room.scale[i] = all;
      room.outside[i] = outside;
      room.begin[i + 1] = cells;
    }
    room.bestNone = bestNone;
  };

  /** Sums of what comes after each cell, from the last token to the first. */
  const backward = (count: number): void => {
    const { kind, label, sum, after, begin, none, scale, outside } = room;
    const last = begin[count - 1] as number;
    let end = none[count - 1] as number;
    for (let c = last; c < (begin[count] as number); c += 1) {
      const k = kind[c] as number;
      const cell = c * PARTS;
      after[cell + ONE] = after[cell + MORE] = factor[LAST_IN * kinds + k] as number;
      after[cell + AFTER] = factor[LAST_AFTER * kinds + k] as number;
      for (let p = cell; p < cell + PARTS; p += 1) end += (sum[p] as number) * (after[p] as number);
    }
    for (let p = last * PARTS; p < (begin[count] as number) * PARTS; p += 1) after[p] = (after[p] as number) / end;
    for (let i = count - 1; i > 0; i -= 1) {
      const here = begin[i] as number;
      const before = begin[i - 1] as number;
      const scaled = 1 / (scale[i] as number);
      slots.fill(NONE);
      for (let c = before; c < here; c += 1) slots[kind[c] as number] = c;
      let any = 0;
      after.fill(0, before * PARTS, here * PARTS);
      for (let c = here; c < (begin[i + 1] as number); c += 1) {
        const k = kind[c] as number;
        const cell = c * PARTS;
        const old = (slots[k] as number) * PARTS;
        if (old >= 0) {
          const on = (after[cell + MORE] as number) * (label[cell + MORE] as number) * scaled;
          const out = (after[cell + AFTER] as number) * (outside[i] as number) * scaled;
          add(after, old + ONE, on * (factor[SECOND * kinds + k] as number));
          add(after, old + ONE, out * (factor[LEAVES_ONE * kinds + k] as number));
          add(after, old + MORE, on * (factor[FURTHER * kinds + k] as number));
          add(after, old + MORE, out * (factor[LEAVES_MORE * kinds + k] as number));
          add(after, old + AFTER, out);
        }
        const begun = (after[cell + ONE] as number) * (label[cell + ONE] as number) * scaled;
        if (begun === 0) continue;
        any += begun;
        for (let p = starts[k] as number; p < (starts[k + 1] as number); p += 1) {
          const source = (slots[from[p] as number] as number) * PARTS;
          if (source < 0) continue;
          const mass = begun * ((factor[pairs + p] as number) - unmet);
          add(after, source + ONE, mass);
          add(after, source + MORE, mass);
        }
        for (let p = starts[kinds + k] as number; p < (starts[kinds + k + 1] as number); p += 1) {
          const source = (slots[from[p] as number] as number) * PARTS;
          if (source >= 0) add(after, source + AFTER, begun * ((factor[pairs + p] as number) - unmet));
        }
      }
      for (let p = before * PARTS; p < here * PARTS; p += 1) add(after, p, any * unmet);
    }
  };

  /** The cell of a kind at a token. */
  const cellOf = (k: number, i: number): number => {
    const end = room.begin[i + 1] as number;
    let c = room.begin[i] as number;
    while (c < end && room.kind[c] !== k) c += 1;
    return c < end ? c * PARTS : NONE;
  };

  const chanceOf = (k: number, first: number, last: number, count: number): number => {
    const { label, sum, after, scale } = room;
    let chance = sum[cellOf(k, first) + ONE] as number;
    let block = SECOND * kinds + k;
    for (let i = first + 1; i <= last; i += 1) {
      chance *= ((factor[block] as number) * (label[cellOf(k, i) + MORE] as number)) / (scale[i] as number);
      block = FURTHER * kinds + k;
    }
    let ends = after[cellOf(k, last) + (first === last ? ONE : MORE)] as number;
    const next = last + 1 < count ? cellOf(k, last + 1) : NONE;
    if (next >= 0) {
      const on = (label[next + MORE] as number) * (after[next + MORE] as number);
      ends -= ((factor[block] as number) * on) / (scale[last + 1] as number);
    }
    return Math.min(1, Math.max(0, chance * ends));
  };

  /** Spans in order, none over another, for the scores of `count` tokens from `offset` on. */
  return (scores: Float32Array, offset: number, count: number): readonly Found[] => {
    if (room.begin.length <= count) room = roomFor(Math.max(room.kind.length, 4 * count), kinds, count);
    forward(scores, offset, count);
    const { kind, best, back, begin } = room;
    let at = NONE;
    let most = room.bestNone;
    for (let p = (begin[count - 1] as number) * PARTS; p < (begin[count] as number) * PARTS; p += 1) {
      const block = p % PARTS === AFTER ? LAST_AFTER : LAST_IN;
      const path = (best[p] as number) + (weights[block * kinds + (kind[Math.floor(p / PARTS)] as number)] as number);
      if (path > most) [most, at] = [path, p];
    }
    if (at === NONE) return [];
    backward(count);
    const found: Found[] = [];
    let last = NONE;
    for (let i = count - 1; i >= 0 && at !== NONE; i -= 1) {
      const state = at % PARTS;
      if (state !== AFTER && last === NONE) last = i;
      if (state === ONE) {
        const k = kind[Math.floor(at / PARTS)] as number;
        found.push({ kind: k, first: i, last, chance: chanceOf(k, i, last, count) });
        last = NONE;
      }
      at = back[at] as number;
    }
    return found.reverse();
  };
}
