import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import type { Meter } from '@opentelemetry/api';

const RESOLUTION_MS = 20;
const NS_PER_S = 1e9;
const QUANTILES = [50, 99] as const;

/** How the process itself is doing: its event loop, processor time and memory. Call the result to end it. */
export function observeProcess(meter: Meter): () => void {
  const gauge = (name: string, description: string) => meter.createObservableGauge(name, { description });
  const delay = gauge('nodejs_eventloop_delay_seconds', 'How late timers ran since the last scrape');
  const utilization = gauge('nodejs_eventloop_utilization_ratio', 'The share of time that the event loop was busy');
  const memory = gauge('process_resident_memory_bytes', 'Resident memory');
  const cpu = meter.createObservableCounter('process_cpu_seconds_total', { description: 'User and system time' });

  const late = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  late.enable();
  let before = performance.eventLoopUtilization();

  // Every tick counts with the interval in which it was due.
  const lateness = (ns: number) => Math.max(0, ns / NS_PER_S - RESOLUTION_MS / 1_000);
  meter.addBatchObservableCallback(
    (result) => {
      for (const q of QUANTILES) result.observe(delay, lateness(late.percentile(q)), { quantile: `0.${q}` });
      result.observe(delay, lateness(late.max), { quantile: '1' });
      late.reset();
      const after = performance.eventLoopUtilization();
      result.observe(utilization, performance.eventLoopUtilization(after, before).utilization);
      before = after;
      result.observe(memory, process.memoryUsage.rss());
      const { user, system } = process.cpuUsage();
      result.observe(cpu, (user + system) / 1e6);
    },
    [delay, utilization, memory, cpu],
  );
  return () => {
    late.disable();
  };
}
