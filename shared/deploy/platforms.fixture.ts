import * as v from 'valibot';
import { podIn, type Container, type Pod } from './built.ts';
import type { Manifest } from './objects.ts';

/*
 * What the platforms check beyond their schemas, from their own sources: Knative's annotations
 * (serving/pkg/apis/autoscaling), its traffic and its reserved ports, KEDA's scalers, the restricted pod standard, and
 * the form of stack.yml (openfaas/go-sdk).
 */

const number = (min: number, max: number) =>
  v.pipe(v.string(), v.regex(/^\d+(?:\.\d+)?$/u), v.toNumber(), v.minValue(min), v.maxValue(max));
const optional = v.exactOptional;
const seconds = (min: number, max: number) =>
  v.pipe(
    v.string(),
    v.regex(/^\d+[smh]$/u, 'is not a time'),
    v.transform((time) => Number(time.slice(0, -1)) * { s: 1, m: 60, h: 3_600 }[time.slice(-1) as 's' | 'm' | 'h']),
    v.minValue(min),
    v.maxValue(max),
  );

const Annotations = v.strictObject({
  class: v.picklist(['kpa.autoscaling.knative.dev']),
  metric: v.picklist(['concurrency', 'rps']),
  target: number(0.01, 1_000_000),
  'target-utilization-percentage': number(1, 100),
  'target-burst-capacity': optional(v.union([v.literal('-1'), number(0, 1_000_000)])),
  window: seconds(6, 3_600),
  'min-scale': number(0, 1_000),
  'max-scale': number(0, 1_000),
  'scale-down-delay': seconds(0, 3_600),
});

const Traffic = v.pipe(
  v.array(
    v.strictObject({
      tag: optional(v.string()),
      revisionName: optional(v.string()),
      latestRevision: v.boolean(),
      percent: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(100)),
    }),
  ),
  v.check((all) => all.reduce((sum, { percent }) => sum + percent, 0) === 100, 'shares do not add up to 100'),
  v.check((all) => all.every((t) => t.latestRevision === (t.revisionName === undefined)), 'names the latest revision'),
);

const Triggers = v.array(
  v.variant('type', [
    v.strictObject({
      type: v.literal('nats-jetstream'),
      name: v.string(),
      metricType: v.literal('AverageValue'),
      metadata: v.strictObject({
        account: v.string(),
        stream: v.string(),
        consumer: v.string(),
        lagThreshold: number(1, 1e9),
        activationLagThreshold: number(0, 1e9),
      }),
      authenticationRef: v.strictObject({ name: v.string() }),
    }),
    v.strictObject({
      type: v.literal('prometheus'),
      name: v.string(),
      metricType: v.literal('Value'),
      metadata: v.strictObject({
        serverAddress: v.pipe(v.string(), v.url()),
        query: v.string(),
        threshold: number(0, 1e9),
      }),
    }),
    v.strictObject({
      type: v.literal('cpu'),
      name: v.string(),
      metricType: v.literal('Utilization'),
      metadata: v.strictObject({ value: number(1, 100) }),
    }),
  ]),
);

const label = v.pipe(v.string(), v.regex(/^[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?$/u));
const strings = v.record(v.string(), v.string());
/** `stack.yml` as OpenFaaS' own reader takes it. */
export const Stack = v.strictObject({
  version: v.string(),
  provider: v.strictObject({ name: v.literal('openfaas'), gateway: v.pipe(v.string(), v.url()) }),
  functions: v.record(
    label,
    v.strictObject({
      lang: v.literal('dockerfile'),
      handler: v.string(),
      image: v.string(),
      build_args: strings,
      environment: strings,
      secrets: v.array(label),
      labels: strings,
      annotations: strings,
      requests: v.strictObject({ memory: v.string(), cpu: v.string() }),
      limits: v.strictObject({ memory: v.string() }),
      readonly_root_filesystem: v.literal(true),
    }),
  ),
});

/** Ports that Knative's queue-proxy has in every pod. */
const TAKEN = [8012, 8013, 8112, 8022, 9090, 9091];
const PREFIX = 'autoscaling.knative.dev/';

/** What the platforms would refuse, or do otherwise than it is meant. */
export function objections(object: Manifest): readonly string[] {
  const spec = (object['spec'] ?? {}) as Readonly<Record<string, unknown>>;
  const pod = podIn(object);
  const found = [...(pod ? unrestricted(pod) : [])];
  if (object.apiVersion.startsWith('serving.knative.dev/')) found.push(...knative(spec, pod));
  if (object.kind === 'ScaledObject') found.push(...issues(Triggers, spec['triggers']));
  return found;
}

function knative(spec: Readonly<Record<string, unknown>>, pod: Pod | undefined): readonly string[] {
  const template = spec['template'] as { readonly metadata: Manifest['metadata']; readonly spec: object };
  const annotations = Object.entries(template.metadata.annotations ?? {})
    .filter(([key]) => key.startsWith(PREFIX))
    .map(([key, value]) => [key.slice(PREFIX.length), value]);
  const ports = JSON.stringify(pod?.containers ?? []).match(/"(?:containerPort|port)":\d+/gu) ?? [];
  const taken = ports.filter((port) => TAKEN.includes(Number(port.split(':')[1])));
  // Behind switches of the cluster that are off.
  const switched = ['securityContext', 'topologySpreadConstraints', 'affinity'].filter((key) => key in template.spec);
  return [
    ...issues(Annotations, Object.fromEntries(annotations)),
    ...issues(Traffic, spec['traffic']),
    ...taken.map((port) => `${port} is taken by queue-proxy`),
    ...switched.map((key) => `${key} is behind a feature switch`),
    ...(JSON.stringify(pod).includes('fieldRef') ? ['fieldRef is behind a feature switch'] : []),
  ];
}

const RestrictedContext = v.looseObject({
  allowPrivilegeEscalation: v.literal(false),
  capabilities: v.strictObject({ drop: v.tuple([v.literal('ALL')]) }),
  privileged: v.literal(false),
  readOnlyRootFilesystem: v.literal(true),
  runAsNonRoot: v.literal(true),
  runAsUser: v.pipe(v.number(), v.minValue(1)),
  seccompProfile: v.strictObject({ type: v.literal('RuntimeDefault') }),
});

const VOLUMES = ['configMap', 'emptyDir', 'projected', 'secret', 'persistentVolumeClaim'];

function unrestricted({ automountServiceAccountToken, containers, volumes = [] }: Pod): readonly string[] {
  return [
    ...containers.flatMap(({ securityContext }: Container) => issues(RestrictedContext, securityContext)),
    ...volumes
      .filter((volume) => !VOLUMES.some((kind) => kind in volume))
      .map((volume) => `volume ${String(volume['name'])} is of a kind that is not allowed`),
    ...(automountServiceAccountToken === false ? [] : ['has a token for the cluster']),
  ];
}

const issues = (schema: v.GenericSchema, value: unknown): readonly string[] =>
  (v.safeParse(schema, value).issues ?? []).map((issue) => `${v.getDotPath(issue) ?? ''} ${issue.message}`.trim());
