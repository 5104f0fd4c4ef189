import { describe, expect, it } from 'vitest';
import { decide, knativeDefaults, kpaMemory, reconcile, type KpaMemory, type KpaSpec, type Measured } from './kpa.ts';

const spec = (over: Partial<KpaSpec> = {}): KpaSpec => ({ ...knativeDefaults(10), ...over });
const calm = kpaMemory(0, 0);
const at = (over: Partial<Measured>): Measured => ({ now: 0, stable: 0, panic: 0, ready: 1, ...over });
const desired = (s: KpaSpec, m: Measured, memory: KpaMemory = calm) => decide(s, memory, m).desired;

describe('a tick of the pod autoscaler', () => {
  it.each([
    // ceil(stable / (10 * 0.7)), between floor(ready / 2) and ceil(1000 * ready)
    [at({ stable: 0.1 }), 1],
    [at({ stable: 7, panic: 7 }), 1],
    [at({ stable: 7.1, panic: 7.1, ready: 2 }), 2],
    [at({ stable: 70, panic: 70, ready: 8 }), 10],
    [at({ ready: 10 }), 5],
    [at({ ready: 5 }), 2],
    [at({ ready: 1 }), 0],
    [at({ ready: 0 }), 0],
    [at({ ready: 10, reachable: false }), 0],
  ])('wants what the averages ask for, and halves at most: %o', (measured, pods) => {
    expect(desired(spec(), measured)).toBe(pods);
  });

  it('grows by its rate at most', () => {
    expect(desired(spec({ maxScaleUpRate: 2 }), at({ stable: 700, panic: 0, ready: 3 }))).toBe(6);
  });

  it('takes 100 requests a pod where a container takes any number', () => {
    expect(desired(knativeDefaults(0), at({ stable: 141, panic: 100, ready: 2 }))).toBe(3);
  });

  it('wants the activation scale as soon as it wants any', () => {
    expect(desired(spec({ activationScale: 4 }), at({ stable: 1 }))).toBe(4);
    expect(desired(spec({ activationScale: 4 }), at({}))).toBe(0);
  });

  it.each([
    [211, 3, 50, -231],
    [20, 3, 5, 5],
    [20, 3, 5.5, 4],
    [-1, 3, 5, -1],
    [0, 3, 5, 0],
  ])('tells the room for bursts: capacity %i, %i pods, %f under way', (targetBurstCapacity, ready, panic, room) => {
    expect(decide(spec({ targetBurstCapacity }), calm, at({ ready, panic })).excessBurst).toBe(room);
  });

  it('step by step: panics at twice what its pods can take, never shrinks in panic, and calms down a window later', () => {
    const steps: readonly (readonly [second: number, stable: number, panic: number, ready: number, pods: number])[] = [
      [2, 1, 5, 1, 1], // ceil(5/7) = 1 of 1: no panic
      [4, 3, 14, 1, 2], // 2 of 1: panic, 2 pods
      [6, 9, 60, 1, 9], // ceil(60/7)
      [8, 20, 60, 9, 9], // 9 of 9: not over, still in panic
      [10, 20, 7, 9, 9], // less is wanted, nothing is taken away
      [65, 20, 7, 9, 9], // 6 + 60 is not yet over
      [66, 7, 7, 9, 9],
      [67, 7, 7, 9, 4], // over: ceil(7/7) = 1, but floor(9/2) at least
      [69, 7, 7, 4, 2],
      [71, 0, 0, 2, 1],
      [73, 0, 0, 1, 0],
    ];
    let memory = calm;
    for (const [second, stable, panic, ready, pods] of steps) {
      const decision = decide(spec(), memory, { now: second * 1_000, stable, panic, ready });
      expect([second, decision.desired]).toEqual([second, pods]);
      memory = decision.memory;
    }
  });

  it('extends a panic as long as it is over', () => {
    const over = at({ now: 50_000, panic: 140, ready: 10 });
    const memory: KpaMemory = { panicSince: 0, maxPanicPods: 20, wanted: [] };
    expect(decide(spec(), memory, over).memory).toMatchObject({ panicSince: 50_000, maxPanicPods: 20 });
  });

  it('begins in panic where pods run already', () => {
    expect(desired(spec(), at({ now: 2_000, ready: 5 }), kpaMemory(0, 5))).toBe(5);
    expect(kpaMemory(0, 1)).toEqual(calm);
  });

  it('keeps what was wanted within the delay before scaling down', () => {
    const delayed = spec({ scaleDownDelay: 10 });
    const first = decide(delayed, calm, at({ stable: 70, panic: 70, ready: 8 }));
    const second = decide(delayed, first.memory, at({ now: 8_000, ready: 10 }));
    expect(second.desired).toBe(10);
    expect(decide(delayed, second.memory, at({ now: 10_000, ready: 10 })).desired).toBe(5);
  });
});

describe('the reconciler', () => {
  const active = { state: 'active', since: 0 } as const;

  it('keeps a revision within its bounds', () => {
    expect(reconcile(spec({ minScale: 2 }), active, 0, 99_000).pods).toBe(2);
    expect(reconcile(spec({ maxScale: 3 }), active, 7, 0).pods).toBe(3);
    expect(reconcile(spec(), active, 7, 0).pods).toBe(7);
  });

  it('step by step: to zero after a stable window and the grace period', () => {
    const young = reconcile(spec(), active, 0, 59_000);
    expect(young).toEqual({ pods: 1, activity: active });
    const inactive = reconcile(spec(), active, 0, 60_000);
    expect(inactive).toEqual({ pods: 1, activity: { state: 'inactive', since: 60_000 } });
    expect(reconcile(spec(), inactive.activity, 0, 89_000).pods).toBe(1);
    expect(reconcile(spec(), inactive.activity, 0, 90_000).pods).toBe(0);
  });

  it('is active again with the first request', () => {
    const inactive = { state: 'inactive', since: 60_000 } as const;
    expect(reconcile(spec(), inactive, 1, 70_000)).toEqual({ pods: 1, activity: { state: 'active', since: 70_000 } });
  });
});
