import { podOf, WATCHED_AT, type Running } from './container.ts';
import type { Variable } from './environment.ts';
import { outwards } from './knative.ts';
import { labelsOf, NAMESPACES, PORTS } from './names.ts';
import {
  COLLECTOR,
  disruptionBudget,
  DNS,
  ingress,
  inNamespaces,
  LOG,
  networkPolicy,
  service,
  serviceAccount,
  WATCHED,
  type Manifest,
  type Passage,
} from './objects.ts';
import type { Process } from './process.ts';
import { imageOf, type Release } from './release.ts';

/** How often the archive looks. */
const ARCHIVE_SCHEDULE = '*/10 * * * *';
/** What was done is told for an hour. */
const KEPT_SECONDS = 3_600;
const ATTEMPTS = 5;

/** A process that runs all the time, in as many copies as something else says. */
export function deploymentOf(process: Process, running: Running): Manifest {
  const { deployment, name } = process;
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, labels: labelsOf(name) },
    spec: {
      // No number of copies here: it would be set back to it whenever this is applied.
      selector: { matchLabels: { 'app.kubernetes.io/name': name } },
      strategy: { rollingUpdate: { maxSurge: '25%', maxUnavailable: 0 } },
      template: {
        metadata: { labels: labelsOf(name), annotations: WATCHED_AT },
        spec: {
          // What was begun is finished, what was not is given back.
          terminationGracePeriodSeconds: deployment.timeoutSeconds + 5,
          ...podOf(process, running),
        },
      },
    },
  };
}

/** A process on its durable consumer. */
export const pulling = (process: Process, release: Release): readonly Manifest[] => [
  serviceAccount(process.name),
  deploymentOf(process, { image: imageOf(release, release), feeding: 'pull' }),
  networkPolicy(process.name, { from: [WATCHED], to: [DNS, LOG, COLLECTOR, ...outwards(process)] }),
];

/** The gateway where there is no Knative. */
export const plainGateway = (process: Process, release: Release): readonly Manifest[] => [
  serviceAccount(process.name),
  deploymentOf(process, { image: imageOf(release, release), feeding: 'http' }),
  service(process.name, { http: PORTS.http }),
  disruptionBudget(process.name),
  networkPolicy(process.name, {
    from: [{ ports: [PORTS.http] }, WATCHED],
    to: [DNS, LOG, COLLECTOR, ...outwards(process)],
  }),
];

/** Gateways connect to this name, which is that of no installation: an overlay sets it. */
const CALLS_HOST = 'voice.invalid';
/** As long as the longest call, and a little. */
const LONGEST_CALL_S = '14700';

/**
 * Where calls come in. WebSockets live as long as calls do; what a proxy closes after a minute is a call that was cut off,
 * and one that collects what it passes on is heard as slowness.
 */
export const callsEntrance = ({ name }: Process): Manifest =>
  ingress(name, {
    host: CALLS_HOST,
    path: '/v1/voice',
    port: PORTS.http,
    tlsSecret: 'turnstream-voice-tls',
    annotations: {
      'nginx.ingress.kubernetes.io/proxy-read-timeout': LONGEST_CALL_S,
      'nginx.ingress.kubernetes.io/proxy-send-timeout': LONGEST_CALL_S,
      'nginx.ingress.kubernetes.io/proxy-buffering': 'off',
    },
  });

/** Where the relay finds the function of each group. */
export type Targets = Readonly<Record<string, string>>;

/** Where it finds what Knative runs beside it. */
export const knativeTargets = (processes: readonly Process[]): Targets =>
  Object.fromEntries(processes.map(({ name }) => [name, `http://${name}.$(POD_NAMESPACE).svc.cluster.local`]));

/** The variable that tells the relay. */
export const targetsVariable = (targets: Targets): Variable => ({
  name: 'TURNSTREAM_RELAY_TARGETS',
  value: JSON.stringify(targets),
});

/** The relay, for functions at these addresses, each of which has so long to answer. */
export function relaying(
  process: Process,
  release: Release,
  targets: Targets,
  deadlineMs: number,
): readonly Manifest[] {
  const variables: readonly Variable[] = [
    { name: 'POD_NAMESPACE', field: 'metadata.namespace' },
    { name: 'TURNSTREAM_RELAY_DEADLINE_MS', value: String(deadlineMs) },
    targetsVariable(targets),
  ];
  const functions: Passage = { peers: [inNamespaces(...NAMESPACES.knative, NAMESPACES.openfaas)] };
  return [
    serviceAccount(process.name),
    deploymentOf(process, { image: imageOf(release, release), feeding: 'pull', variables }),
    disruptionBudget(process.name),
    networkPolicy(process.name, { from: [WATCHED], to: [DNS, LOG, COLLECTOR, functions] }),
  ];
}

/** A task that is done once for each version of the platform. */
export function jobOf(process: Process, release: Release): readonly Manifest[] {
  const name = `${process.name}-${release.revision}`;
  return [
    serviceAccount(process.name),
    {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name, labels: labelsOf(process.name) },
      spec: { ttlSecondsAfterFinished: KEPT_SECONDS, ...task(process, release) },
    },
    networkPolicy(process.name, { from: [], to: [DNS, LOG] }),
  ];
}

/** A task that is done again and again, never twice at a time. Between its runs there is nothing. */
export const cronJobOf = (process: Process, release: Release): readonly Manifest[] => [
  serviceAccount(process.name),
  {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name: process.name, labels: labelsOf(process.name) },
    spec: {
      schedule: ARCHIVE_SCHEDULE,
      concurrencyPolicy: 'Forbid',
      startingDeadlineSeconds: 300,
      successfulJobsHistoryLimit: 1,
      failedJobsHistoryLimit: 3,
      jobTemplate: { spec: task(process, release) },
    },
  },
  networkPolicy(process.name, { from: [], to: [DNS, LOG, COLLECTOR, ...outwards(process)] }),
];

const task = (process: Process, release: Release): object => ({
  backoffLimit: ATTEMPTS,
  activeDeadlineSeconds: process.deployment.timeoutSeconds,
  template: {
    metadata: { labels: labelsOf(process.name) },
    spec: { restartPolicy: 'OnFailure', ...podOf(process, { image: imageOf(release, release), feeding: 'pull' }) },
  },
});
