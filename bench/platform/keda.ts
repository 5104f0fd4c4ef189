/**
 * What KEDA and the pod autoscaler that it feeds make of a consumer's lag (KEDA 2.20 nats_jetstream_scaler.go, defaults of
 * ScaledObject, and Kubernetes' autoscaling/v2 with its default behaviour). Times in `unitMs`, one second as published.
 */
export interface KedaSpec {
  readonly unitMs: number;
  readonly lagThreshold: number;
  readonly activationLagThreshold: number;
  readonly minReplicas: number;
  readonly maxReplicas: number;
  /** From the last activity to zero. */
  readonly cooldown: number;
  /** Less is wanted only once it has been for so long. */
  readonly scaleDownStabilization: number;
  /** At most so many pods more, or twice as many, in each period; and all of them less. */
  readonly scaleUpPods: number;
  readonly policyPeriod: number;
  /** A ratio this close to one changes nothing. */
  readonly tolerance: number;
}

export const KEDA_DEFAULTS: KedaSpec = {
  unitMs: 1_000,
  lagThreshold: 10,
  activationLagThreshold: 0,
  minReplicas: 0,
  maxReplicas: 100,
  cooldown: 300,
  scaleDownStabilization: 300,
  scaleUpPods: 4,
  policyPeriod: 15,
  tolerance: 0.1,
};

/** How far behind a durable consumer is, as KEDA counts it. */
export const lagOf = (pending: number, ackPending: number): number => pending + ackPending;

export interface KedaMemory {
  readonly lastActive: number;
  /** What was wanted, within the time of stabilization. */
  readonly wanted: readonly { readonly at: number; readonly pods: number }[];
  /** How many pods there were, within the period of the policies. */
  readonly had: readonly { readonly at: number; readonly pods: number }[];
}

export const kedaMemory = (now: number): KedaMemory => ({ lastActive: now, wanted: [], had: [] });

/** One look at the lag. `pods`: the replicas that are set now. */
export function decideByLag(
  spec: KedaSpec,
  memory: KedaMemory,
  { now, lag, pods }: { readonly now: number; readonly lag: number; readonly pods: number },
): { readonly pods: number; readonly memory: KedaMemory } {
  const isActive = lag > spec.activationLagThreshold;
  const lastActive = isActive ? now : memory.lastActive;
  // From zero and to zero is KEDA's own doing; the pod autoscaler knows neither.
  if (pods === 0) {
    const first = isActive ? Math.max(1, spec.minReplicas) : spec.minReplicas;
    return { pods: first, memory: { lastActive, wanted: [], had: [{ at: now, pods: first }] } };
  }
  if (!isActive && spec.minReplicas === 0 && now - lastActive > spec.cooldown * spec.unitMs) {
    return { pods: 0, memory: kedaMemory(lastActive) };
  }
  const ratio = lag / (spec.lagThreshold * pods);
  const raw = Math.abs(ratio - 1) <= spec.tolerance ? pods : Math.ceil(lag / spec.lagThreshold);
  const recommended = Math.min(Math.max(raw, spec.minReplicas, 1), spec.maxReplicas);
  const within = (seconds: number) => (entry: { readonly at: number }) => entry.at > now - seconds * spec.unitMs;
  const wanted = [...memory.wanted.filter(within(spec.scaleDownStabilization)), { at: now, pods: recommended }];
  const had = [...memory.had.filter(within(spec.policyPeriod)), { at: now, pods }];
  const stabilized = recommended < pods ? Math.min(pods, Math.max(...wanted.map((w) => w.pods))) : recommended;
  const atStart = Math.min(...had.map((h) => h.pods));
  const allowed = Math.max(atStart + spec.scaleUpPods, atStart * 2);
  return { pods: Math.min(stabilized, Math.max(allowed, pods)), memory: { lastActive, wanted, had } };
}
