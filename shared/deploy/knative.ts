import { podOf, WATCHED_AT, type Running } from './container.ts';
import { labelsOf, NAMESPACES } from './names.ts';
import {
  COLLECTOR,
  DNS,
  inNamespaces,
  LOG,
  networkPolicy,
  serviceAccount,
  WATCHED,
  type Manifest,
  type Passage,
} from './objects.ts';
import type { Process } from './process.ts';
import { imageOf, type Release } from './release.ts';

/** The share of its concurrency at which a copy counts as busy: the rest is for what comes while another starts. */
const BUSY_PERCENT = 70;

/** A process behind HTTP as Knative runs it: as many copies as its requests need, down to none. */
export function knativeService(process: Process, release: Release): Manifest {
  const { deployment, kind, name } = process;
  const isGateway = kind === 'gateway';
  const running: Running = { image: imageOf(release, release.canary ?? release), feeding: 'http' };
  return {
    apiVersion: 'serving.knative.dev/v1',
    kind: 'Service',
    metadata: {
      name,
      labels: { ...labelsOf(name), ...(!isGateway && { 'networking.knative.dev/visibility': 'cluster-local' }) },
    },
    spec: {
      template: {
        metadata: {
          name: `${name}-${(release.canary ?? release).revision}`,
          labels: labelsOf(name),
          annotations: { ...autoscaling(process), ...WATCHED_AT },
        },
        spec: {
          // An open stream of events is a request that hardly works: the gateway takes any number of them.
          containerConcurrency: isGateway ? 0 : deployment.concurrency,
          timeoutSeconds: deployment.timeoutSeconds,
          ...podOf(process, running),
        },
      },
      traffic: trafficOf(name, release),
    },
  };
}

/** The share of requests of each revision. Knative draws for each request, so a session meets both. */
export function trafficOf(name: string, { revision, canary }: Release): readonly object[] {
  if (!canary) return [{ latestRevision: true, percent: 100 }];
  return [
    { revisionName: `${name}-${revision}`, latestRevision: false, percent: 100 - canary.percent },
    { tag: 'canary', latestRevision: true, percent: canary.percent },
  ];
}

/** The annotations of Knative's own autoscaler; what is not set has the cluster's default. */
function autoscaling({ deployment, kind }: Process): Readonly<Record<string, string>> {
  const { concurrency, scale } = deployment;
  const annotations = {
    class: 'kpa.autoscaling.knative.dev',
    metric: 'concurrency',
    target: String(concurrency),
    'target-utilization-percentage': String(BUSY_PERCENT),
    'min-scale': String(scale.min),
    'max-scale': String(scale.max),
    window: '60s',
    // Five stable minutes before anything is taken away; how much at a time is the cluster's max-scale-down-rate.
    'scale-down-delay': '5m',
    // The activator keeps what comes while nothing runs, and gives each copy no more than it takes.
    ...(kind === 'function' && { 'target-burst-capacity': '-1' }),
  };
  return Object.fromEntries(
    Object.entries(annotations).map(([key, value]) => [`autoscaling.knative.dev/${key}`, value]),
  );
}

/** Everything of a process on Knative. */
export const onKnative = (process: Process, release: Release): readonly Manifest[] => [
  serviceAccount(process.name),
  knativeService(process, release),
  networkPolicy(process.name, {
    from: [{ peers: [inNamespaces(...NAMESPACES.knative)] }, WATCHED],
    to: [DNS, LOG, COLLECTOR, ...outwards(process)],
  }),
];

/** Anywhere, but over TLS: object stores and tenants' addresses are not known here. */
export const outwards = ({ reachesOut }: Process): readonly Passage[] => (reachesOut ? [{ ports: [443] }] : []);
