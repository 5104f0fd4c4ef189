import { latencies } from '../lib/latencies.ts';

/** What one text costs, in microseconds: processor time on average, the clock for the slowest hundredth. */
export interface Cost {
  readonly mean: number;
  readonly p99: number;
}

const WARM_UP = 1_000;
const MEASURED = 3_000;

/** Asks about the texts again and again, one by one, after a warm-up. */
export async function asked(
  ask: (text: string) => unknown,
  texts: readonly string[],
  { warmUp = WARM_UP, measured = MEASURED }: { readonly warmUp?: number; readonly measured?: number } = {},
): Promise<Cost> {
  const at = (i: number): string => texts[i % texts.length] ?? '';
  for (let i = 0; i < warmUp; i += 1) await ask(at(i));
  const times = latencies();
  const before = process.cpuUsage();
  for (let i = 0; i < measured; i += 1) {
    const started = performance.now();
    const answer = ask(at(i));
    if (answer instanceof Promise) await answer;
    times.add(performance.now() - started);
  }
  const { user, system } = process.cpuUsage(before);
  return { mean: (user + system) / measured, p99: times.percentile(99) * 1_000 };
}
