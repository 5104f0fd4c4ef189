import { once } from 'node:events';
import type { Child } from '../lib/children.ts';

/** A function process, and what its platform knows of it. */
export interface Pod {
  readonly child: Child;
  /** Where it serves; absent where nothing is posted to it. */
  readonly url: URL | undefined;
  /** Requests that it is working on. */
  active: number;
}

/** The processes of one function, as many as are wanted. */
export interface Pods {
  /** Starts or stops processes until there are so many. */
  scale(wanted: number): void;
  /** Those that take requests. */
  readonly ready: () => readonly Pod[];
  /** Those that are there or on their way. */
  readonly count: () => number;
  readonly pids: () => readonly number[];
  /** Asks some of them to stop at once, as an eviction does: they are still sent requests for a moment. */
  evict(share: number): number;
  /** A pod has done a request. */
  readonly settled: (pod: Pod) => void;
  /** Resolves when those that were to go have ended. */
  gone(): Promise<void>;
  /** Starts that failed, and processes that ended by themselves. */
  readonly failures: () => readonly string[];
  stop(): Promise<void>;
}

/** How long it takes until everybody knows that a pod is going. */
const NOTICE_MS = 100;

export interface PodsOptions {
  readonly start: () => Promise<Child>;
  /** Called when a pod is ready, or has room again. */
  readonly onRoom: () => void;
}

/** No processes at first. A pod that is to go gets no more requests, finishes what it has, and is asked to stop then. */
export function podsOf({ start, onRoom }: PodsOptions): Pods {
  const running = new Set<Pod>();
  /** Asked to stop, and not everybody knows yet. */
  const evicted = new Set<Pod>();
  const going = new Set<Promise<void>>();
  const failures: string[] = [];
  let starting = 0;
  let wanted = 0;
  let stopped = false;

  const track = (work: Promise<unknown>) => {
    const tracked: Promise<void> = work
      .then(
        () => undefined,
        (error: unknown) => void failures.push(error instanceof Error ? error.message : 'unknown'),
      )
      .finally(() => going.delete(tracked));
    going.add(tracked);
  };
  const begin = async () => {
    starting++;
    try {
      const child = await start();
      const { url } = JSON.parse(child.ready) as { readonly url?: string };
      const pod: Pod = { child, url: url === undefined ? undefined : new URL(url), active: 0 };
      if (stopped) await child.stop();
      else running.add(pod);
    } finally {
      starting--;
    }
    adjust();
    onRoom();
  };
  const leave = async (pod: Pod) => {
    running.delete(pod);
    if (pod.active > 0) await once(idle, String(pod.child.pid));
    await pod.child.stop();
  };
  const gone = async () => {
    while (going.size > 0) await Promise.all(going);
  };
  const idle = new EventTarget();
  const adjust = () => {
    if (stopped) return;
    for (let i = running.size + starting; i < wanted; i++) track(begin());
    const idleFirst = [...running].toSorted((a, b) => a.active - b.active);
    for (const pod of idleFirst.slice(0, Math.max(0, running.size - wanted))) track(leave(pod));
  };

  return {
    scale(count) {
      wanted = count;
      adjust();
    },
    ready: () => [...running, ...evicted],
    count: () => running.size + starting,
    pids: () => [...running].map(({ child }) => child.pid),
    evict(share) {
      const victims = [...running].slice(0, Math.ceil(running.size * share));
      for (const pod of victims) {
        running.delete(pod);
        evicted.add(pod);
        setTimeout(() => void evicted.delete(pod), NOTICE_MS);
        track(pod.child.stop());
      }
      adjust();
      return victims.length;
    },
    settled(pod) {
      if (pod.active === 0) idle.dispatchEvent(new Event(String(pod.child.pid)));
      onRoom();
    },
    failures: () => failures,
    gone,
    async stop() {
      stopped = true;
      for (const pod of running) track(leave(pod));
      await gone();
    },
  };
}
