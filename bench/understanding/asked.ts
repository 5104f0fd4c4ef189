import { latencies } from '../lib/latencies.ts';

/** What one text costs, in microseconds: processor time on average, the clock for the slowest hundredth. */
export interface Cost {
  readonly mean: number;
  readonly p99: number;
}

const OFTEN = 3_000;
/** Of how often it is asked, the part that warms up. */
const WARM_UP = 0.2;
/** What takes longer is asked less often. */
const LONGEST_MS = 4_000;

/** Asks about the texts again and again, one by one, after a warm-up. */
export async function asked(ask: (text: string) => unknown, texts: readonly string[], often = OFTEN): Promise<Cost> {
  const at = (i: number): string => texts[i % texts.length] ?? '';
  for (let i = 0; i < often * WARM_UP; i += 1) await ask(at(i));
  const times = latencies();
  const before = process.cpuUsage();
  const end = performance.now() + LONGEST_MS;
  for (let i = 0; i < often && performance.now() < end; i += 1) {
    const started = performance.now();
    const answer = ask(at(i));
    if (answer instanceof Promise) await answer;
    times.add(performance.now() - started);
  }
  const { user, system } = process.cpuUsage(before);
  return { mean: (user + system) / times.count, p99: times.percentile(99) * 1_000 };
}
