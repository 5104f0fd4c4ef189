import { performance } from 'node:perf_hooks';
import { tiny } from '../../shared/encoder/fixtures/copy.ts';
import { openEncoder } from '../../shared/encoder/open.ts';
import type { Figure } from '../lib/bench.ts';
import { latencies } from '../lib/latencies.ts';

const WARM_UP = 50;
const MEASURED = 500;
const TEXTS = ['where is my parcel', '我的包裹到哪了', 'I would like to send this back, please', '帮我开张发票，谢谢'];

/**
 * What an encoder that somebody brings costs beside its model's own work: one text at a time through a model of one layer
 * and 16 dimensions in its worker. The whole process in processor time, the calling thread's share of it (how busy the
 * event loop is), and the clock.
 */
export async function encoderCost(): Promise<readonly Figure[]> {
  const encoder = await openEncoder(tiny('embedding'), { deadlineMs: 15_000 });
  try {
    const at = (i: number): readonly string[] => [TEXTS[i % TEXTS.length] ?? ''];
    for (let i = 0; i < WARM_UP; i += 1) await encoder.embed(at(i));
    const times = latencies();
    const loop = performance.eventLoopUtilization();
    const before = process.cpuUsage();
    const began = performance.now();
    for (let i = 0; i < MEASURED; i += 1) {
      const started = performance.now();
      await encoder.embed(at(i));
      times.add(performance.now() - started);
    }
    const took = performance.now() - began;
    const { user, system } = process.cpuUsage(before);
    const { utilization } = performance.eventLoopUtilization(loop);
    const name = 'one text through an encoder’s worker, tiny model';
    return [
      { name: `${name}: mean`, value: (user + system) / MEASURED, unit: 'µs' },
      {
        name: `${name}: of that the calling thread is busy`,
        value: (utilization * took * 1_000) / MEASURED,
        unit: 'µs',
      },
      { name: `${name}: p99`, value: times.percentile(99) * 1_000, unit: 'µs' },
    ];
  } finally {
    await encoder.close();
  }
}
