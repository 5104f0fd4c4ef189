import type { Metrics } from './metrics.ts';

/** Long after the first event that a process was started for has been handled. */
const LOAD_AFTER_MS = 500;

/**
 * Metrics whose library is loaded a while after the start, or for the first scrape: loading it takes a quarter of the
 * time that a function may take from its start to its first event (bench/coldstart). What is counted meanwhile is kept.
 */
export function lateMetrics(load: () => Promise<Metrics>, afterMs = LOAD_AFTER_MS): Metrics {
  let loaded: Metrics | undefined;
  let loading: Promise<Metrics> | undefined;
  let kept: ((metrics: Metrics) => void)[] = [];
  const ready = () =>
    (loading ??= load().then((metrics) => {
      for (const count of kept) count(metrics);
      kept = [];
      loaded = metrics;
      return metrics;
    }));
  const timer = setTimeout(() => void ready(), afterMs);
  timer.unref();
  const count = (act: (metrics: Metrics) => void) => {
    if (loaded) act(loaded);
    else kept.push(act);
  };

  return {
    request(method, route, status, ms) {
      count((m) => {
        m.request(method, route, status, ms);
      });
    },
    turnEnded(tenant, ending) {
      count((m) => {
        m.turnEnded(tenant, ending);
      });
    },
    turnTook(ending, ms) {
      count((m) => {
        m.turnTook(ending, ms);
      });
    },
    step(fn, outcome, ms) {
      count((m) => {
        m.step(fn, outcome, ms);
      });
    },
    redelivery(fn) {
      count((m) => {
        m.redelivery(fn);
      });
    },
    conflict(fn) {
      count((m) => {
        m.conflict(fn);
      });
    },
    deadLetter(consumer, code) {
      count((m) => {
        m.deadLetter(consumer, code);
      });
    },
    modelServes(how) {
      count((m) => {
        m.modelServes(how);
      });
    },
    understood(by) {
      count((m) => {
        m.understood(by);
      });
    },
    modelRefused(code) {
      count((m) => {
        m.modelRefused(code);
      });
    },
    relayed(group, answer, ms) {
      count((m) => {
        m.relayed(group, answer, ms);
      });
    },
    callEnded(gateway, reason, ms) {
      count((m) => {
        m.callEnded(gateway, reason, ms);
      });
    },
    callFlaw(gateway, kind) {
      count((m) => {
        m.callFlaw(gateway, kind);
      });
    },
    watchRelay(states) {
      count((m) => {
        m.watchRelay(states);
      });
    },
    watchBreakers(of, open) {
      count((m) => {
        m.watchBreakers(of, open);
      });
    },
    watchConsumers(states) {
      count((m) => {
        m.watchConsumers(states);
      });
    },
    text: async () => (await ready()).text(),
    async stop() {
      clearTimeout(timer);
      await (await loading)?.stop();
    },
  };
}
