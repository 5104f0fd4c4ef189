import { startKillable } from '../../functions/voice/kills/platform.ts';
import { callWhileKilling } from '../../functions/voice/kills/run.ts';
import { below, type BenchContext, type Figure } from '../lib/bench.ts';
import { latencies } from '../lib/latencies.ts';
import type { Models } from './listening.ts';
import type { Part, PartOptions } from './part.ts';

const KILL_EVERY_MS = 4_000;
const SEED = 20_261_121;
/** Flaws that are told of in words. */
const TOLD = 10;

/** Calls through a whole platform, two processes of each kind, while any of those that listen, hold calls and relay die. */
export async function killing(
  { calls, seconds, model }: PartOptions,
  models: Models,
  context: BenchContext,
): Promise<Part> {
  const platform = await startKillable({ model, replicas: 2 });
  context.atEnd(() => platform.stop());
  const report = await callWhileKilling(platform, { calls, seconds, everyMs: KILL_EVERY_MS, seed: SEED, ...models });
  const { asr, voice, relay } = report.deaths;
  const late = latencies(report.lateMs);
  const figure = (name: string, value: number, goal?: Figure['goal']): Figure => ({
    name: `kills: ${name}`,
    value,
    unit: '',
    ...(goal && { goal }),
  });
  return {
    figures: [
      figure('processes killed', asr + voice + relay),
      figure('lines that broke', report.broken),
      figure('utterances', report.utterances),
      figure('finals', report.finals),
      figure('utterances lost', report.lost, below(1)),
      figure('finals doubled', report.doubled, below(1)),
      figure('finals out of order', report.disordered, below(1)),
      figure('other flaws of a history', report.flaws.length, below(1)),
      { ...figure('final after the chunk that ended it, p50', late.percentile(50)), unit: 'ms' },
      { ...figure('final after the chunk that ended it, p95', late.percentile(95)), unit: 'ms' },
      { ...figure('final after the chunk that ended it, worst', late.max()), unit: 'ms' },
    ],
    notes: [
      `Kills: ${calls} callers for ${seconds} s, half of them in browsers (they resume), half on telephones (they call ` +
        `again): ${report.calls} calls. Killed at random, seed ${SEED}: ${asr} processes that listen, ${voice} that ` +
        `hold calls, ${relay} relays.`,
      ...report.flaws.slice(0, TOLD).map((flaw) => `Kills, a flaw: ${flaw}`),
    ],
  };
}
