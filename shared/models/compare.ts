import type { Answers, ShadowAnswer } from './answers.ts';

/** A turn that two models understood differently. `undefined`: nothing was sure enough. */
export interface Differing {
  readonly tenant: string;
  readonly session: string;
  readonly turn: string;
  readonly a: string | undefined;
  readonly b: string | undefined;
}

/** Milliseconds. */
export interface Latency {
  readonly of: 'classification' | 'said to understood';
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

/** Two models on the same turns. */
export interface Comparison {
  /** Turns that both have answered. */
  readonly turns: number;
  readonly onlyA: number;
  readonly onlyB: number;
  /** Share of the turns that both understood alike, 0 to 1; 0 where there are none. */
  readonly agreement: number;
  /** What changed, the most frequent first. */
  readonly changed: readonly {
    readonly a: string | undefined;
    readonly b: string | undefined;
    readonly turns: number;
  }[];
  readonly latencyA: Latency | undefined;
  readonly latencyB: Latency | undefined;
  /** The turns that changed, in the order of the most frequent change, then of time. */
  readonly differing: readonly Differing[];
}

/** Compares what two models made of the turns that both were shown. */
export function compareAnswers(a: Answers, b: Answers): Comparison {
  const [ofA, ofB] = [byTurn(a), byTurn(b)];
  const shared = [...ofA.values()].flatMap((one) => {
    const other = ofB.get(one.turn);
    return other ? [{ one, other }] : [];
  });
  const counts = new Map<string, { a: string | undefined; b: string | undefined; turns: number }>();
  const differing = shared.filter(({ one, other }) => one.intent !== other.intent);
  for (const { one, other } of differing) {
    const key = JSON.stringify([one.intent, other.intent]);
    const count = counts.get(key) ?? { a: one.intent, b: other.intent, turns: 0 };
    counts.set(key, { ...count, turns: count.turns + 1 });
  }
  const changed = [...counts.values()].toSorted((x, y) => y.turns - x.turns);
  const rank = (it: { readonly a: string | undefined; readonly b: string | undefined }) =>
    changed.findIndex((c) => c.a === it.a && c.b === it.b);
  return {
    turns: shared.length,
    onlyA: ofA.size - shared.length,
    onlyB: ofB.size - shared.length,
    agreement: shared.length === 0 ? 0 : 1 - differing.length / shared.length,
    changed,
    latencyA: latencyOf(a),
    latencyB: latencyOf(b),
    differing: differing
      .toSorted((x, y) => x.one.at.localeCompare(y.one.at))
      .map(({ one: { tenant, session, turn, intent }, other }) => ({
        tenant,
        session,
        turn,
        a: intent,
        b: other.intent,
      }))
      .toSorted((x, y) => rank(x) - rank(y)),
  };
}

/** What was answered in earnest counts before what a shadow said. */
const byTurn = ({ shadow, live }: Answers): ReadonlyMap<string, ShadowAnswer> => new Map([...shadow, ...live]);

/** Of a shadow where there is one: the time of the model alone. */
function latencyOf({ shadow, live }: Answers): Latency | undefined {
  const from = shadow.size > 0 ? shadow : live;
  const times = [...from.values()].map(({ ms }) => ms).toSorted((x, y) => x - y);
  if (times.length === 0) return undefined;
  const at = (share: number) => times[Math.min(times.length - 1, Math.floor(share * times.length))] ?? 0;
  const of = shadow.size > 0 ? 'classification' : 'said to understood';
  return { of, p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}
