import { gramTable } from '../features/table.ts';
import type { Emissions } from './scores.ts';

/** Weights nearer to 0 say nothing. */
const LEAST = 0.05;
const STEPS = 127;

/** The same weights in 8 bits each, without those near 0 and the units that then say nothing. */
export function pruned({ units, begin, delta, weight, scale }: Emissions, least = LEAST): Emissions {
  const grams = units.grams();
  const kept = gramTable(grams.length);
  let most = 0;
  let count = 0;
  for (const w of weight) {
    most = Math.max(most, Math.abs(w));
    if (Math.abs(w) >= least) count += 1;
  }
  const step = (most || 1) / STEPS;
  const starts: number[] = [0];
  const places = new Int16Array(count);
  const values = new Int8Array(count);
  let at = 0;
  for (let u = 0; u < grams.length; u += 1) {
    const from = at;
    for (let w = begin[u] as number; w < (begin[u + 1] as number); w += 1) {
      const value = Math.round((weight[w] as number) / step);
      if (Math.abs(weight[w] as number) < least || value === 0) continue;
      places[at] = delta[w] as number;
      values[at] = value;
      at += 1;
    }
    if (at === from) continue;
    kept.add(grams[u] as number);
    starts.push(at);
  }
  return {
    units: kept,
    begin: Uint32Array.from(starts),
    delta: places.slice(0, at),
    weight: values.slice(0, at),
    scale: scale * step,
  };
}
