import { setTimeout as delay } from 'node:timers/promises';
import { startCaller } from '../../functions/voice/kills/callers.ts';
import { startKillable } from '../../functions/voice/kills/platform.ts';
import { conversation } from '../../shared/speech/conversation.fixture.ts';
import { below, type BenchContext } from '../lib/bench.ts';
import { latencies } from '../lib/latencies.ts';
import type { Part, PartOptions } from './part.ts';

/** Longer than a caller waits before speaking again. */
const SAYS_MS = 5_000;
const APART_MS = 40;
/** Whatever is stopped later than this was not stopped by these words. */
const AT_MOST_MS = 1_200;
const AT_LEAST_MS = -50;

/**
 * Callers who speak while they are answered, through the whole platform: from the first sample that can be heard until
 * the gateway is told to stop playing.
 */
export async function bargeIn({ calls, seconds, model }: PartOptions, context: BenchContext): Promise<Part> {
  const platform = await startKillable({ model, replicas: 1, saysMs: SAYS_MS });
  context.atEnd(() => platform.stop());
  const talks = await Promise.all(Array.from({ length: calls }, (_, i) => conversation(i, seconds * 1_000)));
  const callers = [];
  for (const [i, { sound }] of talks.entries()) {
    callers.push(startCaller(i % 2 === 0 ? 'browser' : 'telephone', `barging-${i}`, sound, platform.lines, i));
    await delay(APART_MS);
  }
  await Promise.all(callers.map(({ over }) => over));
  const ms = latencies();
  for (const [i, { silencedAt }] of callers.entries()) {
    for (const onset of talks[i]?.onsets ?? []) {
      const late = silencedAt.map((at) => at - onset).find((after) => after > AT_LEAST_MS && after < AT_MOST_MS);
      if (late !== undefined) ms.add(late);
    }
  }
  await platform.stop();
  return {
    figures: [
      { name: 'barge-in: onset to clear, p50', value: ms.percentile(50), unit: 'ms' },
      { name: 'barge-in: onset to clear, p95', value: ms.percentile(95), unit: 'ms', goal: below(250) },
      { name: 'barge-in: interruptions', value: ms.count, unit: '' },
    ],
    notes: [`Barge-in: ${calls} calls of ${seconds} s through all of the platform, one process of each kind.`],
  };
}
