import { describe, expect, it } from 'vitest';
import { decideByLag, kedaMemory, KEDA_DEFAULTS, lagOf, type KedaMemory, type KedaSpec } from './keda.ts';

const spec = (over: Partial<KedaSpec> = {}): KedaSpec => ({ ...KEDA_DEFAULTS, ...over });

/** Looks one after the other: second, lag, and the pods that are wanted then. */
function steps(s: KedaSpec, looks: readonly (readonly [second: number, lag: number, pods: number])[], from = 0): void {
  let memory: KedaMemory = kedaMemory(0);
  let pods = from;
  for (const [second, lag, wanted] of looks) {
    const decision = decideByLag(s, memory, { now: second * 1_000, lag, pods });
    expect([second, decision.pods]).toEqual([second, wanted]);
    ({ pods, memory } = decision);
  }
}

describe('KEDA, by the lag of a durable consumer', () => {
  it('counts what was not delivered and what was not acknowledged', () => {
    expect(lagOf(7, 3)).toBe(10);
  });

  it('starts one from zero as soon as there is any lag, and not before', () => {
    steps(spec(), [
      [0, 0, 0],
      [1, 1, 1],
    ]);
    steps(spec({ activationLagThreshold: 5 }), [
      [0, 5, 0],
      [1, 6, 1],
    ]);
  });

  it('wants a pod for each ten of lag, four more or twice as many in 15 seconds, and its maximum at most', () => {
    steps(spec({ maxReplicas: 12 }), [
      [0, 500, 1],
      [1, 500, 5],
      [14, 500, 5],
      [16, 500, 10],
      [32, 500, 12],
    ]);
  });

  it('leaves ten per cent more or less as it is', () => {
    steps(spec(), [[0, 32, 3]], 3);
    steps(spec(), [[0, 34, 4]], 3);
  });

  it('takes pods away once less was wanted for five minutes, and the last one five minutes after the last lag', () => {
    steps(
      spec(),
      [
        [0, 40, 4],
        [10, 5, 4],
        [299, 5, 4],
        [301, 5, 1],
        [302, 0, 1],
        [601, 0, 1],
        [602, 0, 0],
      ],
      4,
    );
  });

  it('never goes below its minimum', () => {
    steps(spec({ minReplicas: 2 }), [
      [0, 0, 2],
      [999, 0, 2],
    ]);
  });
});
