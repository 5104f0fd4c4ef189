/** What a resampler remembers between two pieces: it goes on exactly where it was. */
export interface Resampling {
  /** Samples a second that come in. */
  readonly from: number;
  /** The newest samples that came in. */
  readonly history: Int16Array;
  /** Samples that came in and went out so far. */
  readonly taken: number;
  readonly given: number;
}

/** Zero crossings of the filter on each side: 60 dB at the edge of what a telephone carries. */
const CROSSINGS = 12;
/** How much of the smaller of both bandwidths is kept. */
const KEPT = 0.92;

interface Filter {
  /** Samples on each side. */
  readonly half: number;
  /** The weights of each phase. */
  readonly phases: readonly Float64Array[];
}

const filters = new Map<string, Filter>();

/** A resampler to which nothing has come yet. */
export const initialResampling = (from: number): Resampling => ({
  from,
  history: new Int16Array(0),
  taken: 0,
  given: 0,
});

/**
 * Changes the rate of a sound that comes in pieces, by a windowed sinc (Smith, "Digital Audio Resampling", with a Hann
 * window); late by some samples. The same sound in other pieces gives the same samples.
 */
export function resample(
  state: Resampling,
  sound: Int16Array,
  to: number,
): { readonly state: Resampling; readonly sound: Int16Array } {
  const { from, history } = state;
  const { half, phases } = filterOf(from, to);
  const taken = state.taken + sound.length;
  const all = new Int16Array(history.length + sound.length);
  all.set(history);
  all.set(sound, history.length);
  const begin = taken - all.length;
  const step = from / to;
  const out = new Int16Array(Math.max(0, Math.ceil((taken - half) / step) - state.given));
  let count = 0;
  // The centre of output k lies at input k * from / to; all that the filter reaches must have come.
  for (let k = state.given; ; k++, count++) {
    const centre = Math.floor((k * from) / to);
    if (centre + half >= taken || count >= out.length) break;
    const weights = phases[k % phases.length] ?? new Float64Array();
    let sum = 0;
    for (let i = 0; i < weights.length; i++) sum += (weights[i] ?? 0) * (all[centre - half + 1 + i - begin] ?? 0);
    out[count] = Math.max(-32_768, Math.min(32_767, Math.round(sum)));
  }
  const given = state.given + count;
  const needed = Math.max(begin, Math.floor((given * from) / to) - half + 1);
  return { state: { from, history: all.slice(Math.max(0, needed - begin)), taken, given }, sound: out.slice(0, count) };
}

function filterOf(from: number, to: number): Filter {
  const key = `${from}:${to}`;
  const known = filters.get(key);
  if (known) return known;
  const cutoff = Math.min(1, to / from) * KEPT;
  const half = Math.ceil(CROSSINGS / cutoff);
  const count = to / gcd(from, to);
  const phases = Array.from({ length: count }, (_, k) => {
    const offset = ((k * from) / to) % 1;
    const weights = Float64Array.from({ length: half * 2 }, (__, i) => {
      const distance = i - half + 1 - offset;
      return Math.abs(distance) >= half ? 0 : cutoff * sinc(cutoff * distance) * hann(distance / half);
    });
    const sum = weights.reduce((a, b) => a + b, 0);
    return weights.map((weight) => weight / sum);
  });
  const filter = { half, phases };
  filters.set(key, filter);
  return filter;
}

const sinc = (x: number): number => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));
const hann = (x: number): number => 0.5 + 0.5 * Math.cos(Math.PI * x);
const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));
