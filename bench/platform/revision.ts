import type { Child } from '../lib/children.ts';
import { startActivator } from './activator.ts';
import type { Faults } from './chance.ts';
import { decide, kpaMemory, reconcile, type Activity, type KpaSpec } from './kpa.ts';
import { metricWindow } from './metric-window.ts';
import { podsOf, type Pods } from './pods.ts';

/** The autoscaler looks every two seconds. */
const TICK = 2;

/** How many processes there were at a moment. */
export interface Sample {
  readonly at: number;
  readonly ready: number;
  readonly desired: number;
}

/** One function on a platform that behaves as Knative does. */
export interface Revision {
  readonly url: string;
  readonly pods: Pods;
  readonly counts: () => Readonly<Record<string, number>>;
  readonly samples: () => readonly Sample[];
  /** Takes all pods away at once, as after a long time without requests. */
  toZero(): Promise<void>;
  stop(): Promise<void>;
}

export interface RevisionOptions {
  readonly spec: KpaSpec;
  readonly start: () => Promise<Child>;
  readonly fate: () => keyof Faults | undefined;
}

/** Starts with no pod. */
export async function startRevision({ spec, start, fate }: RevisionOptions): Promise<Revision> {
  const { unitMs } = spec;
  const now = () => performance.now();
  const windows = () => ({
    stable: metricWindow(spec.stableWindow, unitMs),
    panic: metricWindow(spec.panicWindow, unitMs),
  });
  let { stable, panic } = windows();
  const samples: Sample[] = [];
  let memory = kpaMemory(now(), 0);
  let activity: Activity = { state: 'inactive', since: -Infinity };
  let desired = 0;

  const pods = podsOf({
    start,
    onRoom: () => {
      activator.dispatch();
    },
  });
  const record = (value: number) => {
    stable.record(now(), value);
    panic.record(now(), value);
  };
  const tick = () => {
    const at = now();
    const [calm, hasty] = [stable.average(at), panic.average(at)];
    // Without data there is nothing to decide.
    if (calm !== undefined && hasty !== undefined) {
      const decision = decide(spec, memory, { now: at, stable: calm, panic: hasty, ready: pods.ready().length });
      ({ memory } = decision);
      const settled = reconcile(spec, activity, decision.desired, at);
      ({ activity } = settled);
      desired = settled.pods;
    } else desired = spec.minScale;
    samples.push({ at, ready: pods.ready().length, desired });
    pods.scale(desired);
  };
  const activator = await startActivator({
    ready: pods.ready,
    settled: pods.settled,
    containerConcurrency: spec.total,
    fate,
    onFirst() {
      record(1);
      if (desired === 0) tick();
    },
  });
  let second = 0;
  const clock = setInterval(() => {
    record(activator.averageConcurrency());
    if (++second % TICK === 0) tick();
  }, unitMs);
  tick();

  return {
    url: activator.url,
    pods,
    counts: activator.counts,
    samples: () => samples,
    async toZero() {
      pods.scale(0);
      await pods.gone();
      // What was under way until now says nothing about what comes.
      activator.averageConcurrency();
      ({ stable, panic } = windows());
      activity = { state: 'inactive', since: -Infinity };
      memory = kpaMemory(now(), 0);
      desired = 0;
    },
    async stop() {
      clearInterval(clock);
      await activator.close();
      await pods.stop();
    },
  };
}
