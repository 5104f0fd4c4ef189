import { DEFAULT_NAMESPACE, labelsOf, PORTS } from './names.ts';
import { HEADLESS } from './nats-conf.ts';
import { configMap, type Manifest } from './objects.ts';
import type { Process, Queue } from './process.ts';

/** Where KEDA asks how much waits; overlays say it with their namespace. */
const MONITORING = 'nats-monitoring';
/** How often KEDA looks whether anything waits: what a first event waits at most where nothing runs. */
const LOOK_SECONDS = 2;
const QUIET_SECONDS = 300;
/** Beyond these something is wrong that more copies of the usual measure do not mend. */
const LONG_QUEUE = 50_000;
const LONG_DELAY_SECONDS = 0.2;

/** Twice as many at most each quarter of a minute; after five stable minutes a tenth less each minute. */
export const BEHAVIOUR = {
  scaleUp: {
    stabilizationWindowSeconds: 0,
    policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }],
  },
  scaleDown: {
    stabilizationWindowSeconds: QUIET_SECONDS,
    policies: [{ type: 'Percent', value: 10, periodSeconds: 60 }],
  },
} as const;

/** Lets KEDA read the lengths of queues without their address standing in each object. */
export const monitoring: readonly Manifest[] = [
  {
    apiVersion: 'keda.sh/v1alpha1',
    kind: 'TriggerAuthentication',
    metadata: { name: MONITORING, labels: labelsOf('keda') },
    spec: {
      configMapTargetRef: [{ parameter: 'natsServerMonitoringEndpoint', name: MONITORING, key: 'endpoint' }],
    },
  },
  configMap(MONITORING, { endpoint: `${HEADLESS}.${DEFAULT_NAMESPACE}.svc.cluster.local:${PORTS.monitor}` }),
];

/** How many copies a process that pulls has: by what waits for it; and twice as many where turns wait for too long. */
export function scaledObject({ deployment, kind, name }: Process, queues: readonly Queue[]): Manifest {
  const { lag, max, min } = deployment.scale;
  return scaled(name, { min, max }, [
    ...queues.map(({ stream, consumer }) => ({
      type: 'nats-jetstream',
      name: consumer,
      metricType: 'AverageValue',
      metadata: { account: '$G', stream, consumer, lagThreshold: String(lag), activationLagThreshold: '0' },
      authenticationRef: { name: MONITORING },
    })),
    ...(kind === 'puller' ? [] : [doubling(queues)]),
  ]);
}

/** How many copies of the gateway there are where there is no Knative: by the work that they do, and never none. */
export const scaledGateway = ({ deployment, name }: Process): Manifest =>
  scaled(name, { min: Math.max(1, deployment.scale.min), max: deployment.scale.max }, [
    { type: 'cpu', name: 'cpu', metricType: 'Utilization', metadata: { value: '70' } },
  ]);

function scaled(
  name: string,
  { min, max }: { readonly min: number; readonly max: number },
  triggers: readonly object[],
): Manifest {
  return {
    apiVersion: 'keda.sh/v1alpha1',
    kind: 'ScaledObject',
    metadata: { name, labels: labelsOf(name) },
    spec: {
      scaleTargetRef: { name },
      minReplicaCount: min,
      maxReplicaCount: max,
      pollingInterval: LOOK_SECONDS,
      cooldownPeriod: QUIET_SECONDS,
      advanced: { horizontalPodAutoscalerConfig: { behavior: BEHAVIOUR } },
      triggers,
    },
  };
}

/**
 * Asks for twice as many copies while the queue is too long or turns take too long. The metric is a ratio to what there
 * is (2 or 0), so the autoscaler multiplies; the largest wish of all triggers counts.
 */
function doubling(queues: readonly Queue[]): object {
  const consumers = queues.map(({ consumer }) => consumer).join('|');
  const queue = `(max(turnstream_consumer_lag{consumer=~"${consumers}"}) > bool ${LONG_QUEUE}) or vector(0)`;
  const p95 = 'histogram_quantile(0.95, sum by (le) (rate(turnstream_turn_duration_seconds_bucket[1m])))';
  const delay = `(${p95} > bool ${LONG_DELAY_SECONDS}) or vector(0)`;
  return {
    type: 'prometheus',
    name: 'doubling',
    metricType: 'Value',
    metadata: {
      serverAddress: 'http://prometheus.monitoring.svc.cluster.local:9090',
      query: `2 * clamp_max((${queue}) + (${delay}), 1)`,
      threshold: '1',
    },
  };
}
