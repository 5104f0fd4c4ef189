/**
 * Knative's pod autoscaler as pure functions (pkg/autoscaler/scaling/autoscaler.go, multiscaler.go and
 * pkg/reconciler/autoscaling/kpa/scaler.go of Serving 1.23, as the facts tell them). Times are in `unitMs`, one second as
 * published, so that a bench can let a minute pass in six seconds without another rule.
 */
export interface KpaSpec {
  readonly unitMs: number;
  /** What one pod may have at a time: the target, and the share of it that is aimed at. */
  readonly total: number;
  readonly utilization: number;
  readonly stableWindow: number;
  readonly panicWindow: number;
  readonly panicThreshold: number;
  readonly maxScaleUpRate: number;
  readonly maxScaleDownRate: number;
  readonly targetBurstCapacity: number;
  readonly activationScale: number;
  readonly scaleDownDelay: number;
  readonly scaleToZeroGrace: number;
  readonly minScale: number;
  /** 0: none. */
  readonly maxScale: number;
}

/** The published defaults for a container that takes so many requests at a time. */
export const knativeDefaults = (containerConcurrency: number): KpaSpec => ({
  unitMs: 1_000,
  total: containerConcurrency || 100,
  utilization: 0.7,
  stableWindow: 60,
  panicWindow: 6,
  panicThreshold: 2,
  maxScaleUpRate: 1_000,
  maxScaleDownRate: 2,
  targetBurstCapacity: 211,
  activationScale: 1,
  scaleDownDelay: 0,
  scaleToZeroGrace: 30,
  minScale: 0,
  maxScale: 0,
});

/** What the autoscaler remembers between two ticks. */
export interface KpaMemory {
  readonly panicSince: number | undefined;
  readonly maxPanicPods: number;
  /** What was wanted lately, for the delay before scaling down. */
  readonly wanted: readonly { readonly at: number; readonly pods: number }[];
}

/** A new autoscaler that finds pods running takes it that there is load. */
export const kpaMemory = (now: number, ready: number): KpaMemory => ({
  panicSince: ready > 1 ? now : undefined,
  maxPanicPods: ready > 1 ? ready : 0,
  wanted: [],
});

/** What was measured: averages over both windows, and the pods that are ready. */
export interface Measured {
  readonly now: number;
  readonly stable: number;
  readonly panic: number;
  readonly ready: number;
  /** Whether any route leads here; otherwise there is nothing to be careful about. */
  readonly reachable?: boolean;
}

export interface KpaDecision {
  readonly desired: number;
  /** How many requests more the pods could take at once; below zero, the activator stays in the path. */
  readonly excessBurst: number;
  readonly memory: KpaMemory;
}

/** One tick of the autoscaler. */
export function decide(spec: KpaSpec, memory: KpaMemory, measured: Measured): KpaDecision {
  const { now, stable, panic, reachable = true } = measured;
  const target = Math.max(0.01, spec.total * spec.utilization);
  const ready = Math.max(1, measured.ready);
  const maxUp = Math.ceil(spec.maxScaleUpRate * ready);
  const maxDown = reachable ? Math.floor(ready / spec.maxScaleDownRate) : 0;
  const within = (pods: number) => Math.min(Math.max(pods, maxDown), maxUp);
  const bounded = (pods: number) =>
    spec.activationScale > 1 && pods > 0 ? Math.max(within(pods), spec.activationScale) : within(pods);
  const stablePods = Math.ceil(stable / target);
  const panicPods = Math.ceil(panic / target);

  const isOver = panicPods / ready >= spec.panicThreshold;
  const calmAgain = memory.panicSince !== undefined && memory.panicSince + spec.stableWindow * spec.unitMs < now;
  const panicSince = isOver ? now : calmAgain ? undefined : memory.panicSince;
  let desired = bounded(stablePods);
  let maxPanicPods = 0;
  if (panicSince !== undefined) {
    // Never down while in panic.
    maxPanicPods = Math.max(memory.maxPanicPods, desired, bounded(panicPods));
    desired = maxPanicPods;
  }
  const since = now - spec.scaleDownDelay * spec.unitMs;
  const isDelayed = reachable && spec.scaleDownDelay > 0;
  const wanted = isDelayed ? [...memory.wanted.filter(({ at }) => at > since), { at: now, pods: desired }] : [];
  if (isDelayed) desired = Math.max(...wanted.map(({ pods }) => pods));
  return { desired, excessBurst: excessBurst(spec, measured), memory: { panicSince, maxPanicPods, wanted } };
}

function excessBurst({ targetBurstCapacity: burst, total }: KpaSpec, { ready, panic }: Measured): number {
  if (burst === 0) return 0;
  return burst < 0 ? -1 : Math.floor(ready * total - burst - panic);
}

/** Whether a revision serves, and since when. */
export interface Activity {
  readonly state: 'active' | 'inactive';
  readonly since: number;
}

/**
 * What the reconciler makes of a decision: bounds, and the way to zero, on which a revision is first taken out of
 * service, keeps a pod for a grace period in which requests go to the activator, and only then has none.
 */
export function reconcile(
  spec: KpaSpec,
  activity: Activity,
  desired: number,
  now: number,
): { readonly pods: number; readonly activity: Activity } {
  const upper = spec.maxScale === 0 ? Infinity : spec.maxScale;
  const pods = Math.min(Math.max(desired, spec.minScale), upper);
  if (pods > 0) {
    return { pods, activity: activity.state === 'active' ? activity : { state: 'active', since: now } };
  }
  const lasted = now - activity.since;
  if (activity.state === 'active') {
    if (lasted < spec.stableWindow * spec.unitMs) return { pods: 1, activity };
    return { pods: 1, activity: { state: 'inactive', since: now } };
  }
  return { pods: lasted >= spec.scaleToZeroGrace * spec.unitMs ? 0 : 1, activity };
}
