import type { Role } from '../access/roles.ts';
import { ARCHIVE_VALUES, SETTING_VALUES } from './environment.ts';
import { monitoringAccess, MONITORING, scaledGateway, scaledObject } from './keda.ts';
import { onKnative } from './knative.ts';
import { component, kustomization, setting, without } from './kustomize.ts';
import { ALONE_CONF } from './nats-conf.ts';
import { natsCluster, NATS_CONFIG } from './nats.ts';
import { ARCHIVE_SETTINGS, PORTS, SETTINGS } from './names.ts';
import { closedByDefault, configMap, namespace, type Manifest } from './objects.ts';
import { openfaasTargets } from './openfaas.ts';
import { relayDeadline } from './times.ts';
import { checkProcess, type Process } from './process.ts';
import type { Release } from './release.ts';
import { cronJobOf, jobOf, plainGateway, pulling, relaying, targetsVariable, type Targets } from './workloads.ts';

/** What everything is rendered from. */
export interface Definition {
  readonly release: Release;
  readonly processes: readonly Process[];
  /** Every user of the log. */
  readonly roles: readonly Role[];
}

/** Objects by file, by folder. */
export type Trees = Readonly<Record<string, Readonly<Record<string, readonly object[]>>>>;

const DEFAULT_NAMESPACE = 'turnstream';
/** The place of an argument of the provision job's command. */
const ARGUMENT = '/spec/template/spec/containers/0/args';
const [REPLICAS, HOSTING] = [3, 5];

/** The folders below `knative/`. Fails with `deploy.invalid` (never), naming the process and the field. */
export function renderTrees({ release, processes, roles }: Definition): Trees {
  const checked = processes.map(checkProcess);
  const of = (name: string): Process => {
    const found = checked.find((process) => process.name === name);
    if (!found) throw new Error(`there is no process ${name}`);
    return found;
  };
  const functions = checked.filter(({ kind, name }) => kind === 'function' && name !== 'turn');
  const [gateway, turn, relay, timers, deliver] = ['gateway', 'turn', 'relay', 'timers', 'deliver'].map(of) as [
    Process,
    Process,
    Process,
    Process,
    Process,
  ];
  const deadlineMs = relayDeadline(
    relay.deployment.timeoutSeconds,
    [...functions, turn].map(({ deployment }) => deployment.timeoutSeconds),
  );
  const hosting = (value: string) =>
    setting({ kind: 'Job', labelSelector: 'app.kubernetes.io/name=provision' }, { [`${ARGUMENT}/${HOSTING}`]: value });

  return {
    base: tree(
      {
        ...Object.fromEntries(
          [gateway, ...functions].map((process) => [`${process.name}.yaml`, onKnative(process, release)]),
        ),
      },
      ['../parts/cell', '../parts/relay'],
    ),
    'parts/cell': tree({
      'namespace.yaml': [namespace(DEFAULT_NAMESPACE), closedByDefault],
      'settings.yaml': [configMap(SETTINGS, SETTING_VALUES), configMap(ARCHIVE_SETTINGS, ARCHIVE_VALUES)],
      'nats.yaml': natsCluster(roles),
      'provision.yaml': jobOf(of('provision'), release),
      'timers.yaml': pulling(timers, release),
      'archive.yaml': cronJobOf(of('archive'), release),
    }),
    'parts/relay': tree({ 'relay.yaml': relaying(relay, release, knativeTargets(functions), deadlineMs) }),
    'parts/gateway': tree({ 'gateway.yaml': plainGateway(gateway, release) }),
    keda: tree(
      {
        'turn.yaml': [...pulling(turn, release), scaledObject(turn, turn.queues)],
        'scaling.yaml': [
          monitoringAccess,
          configMap(MONITORING, { endpoint: `nats-headless.${DEFAULT_NAMESPACE}.svc.cluster.local:${PORTS.monitor}` }),
          scaledGateway(gateway),
          scaledObject(timers, timers.queues),
        ],
      },
      ['../parts/cell', '../parts/gateway'],
      { patches: [hosting('chained')] },
    ),
    openfaas: tree({}, ['../parts/cell', '../parts/gateway', '../parts/relay'], {
      patches: [retargeted(relay, openfaasTargets(functions))],
    }),
    'components/chained': tree(
      { 'turn.yaml': onKnative(turn, release) },
      [],
      {
        patches: [
          ...functions.flatMap(({ name }) => KNATIVE_OBJECTS.map((object) => without({ ...object, name }))),
          retargeted(relay, knativeTargets([turn])),
          hosting('chained'),
        ],
      },
      component,
    ),
    'components/queue-depth': tree(
      {
        'relay.yaml': [
          monitoringAccess,
          configMap(MONITORING, { endpoint: `nats-headless.${DEFAULT_NAMESPACE}.svc.cluster.local:${PORTS.monitor}` }),
          scaledObject(relay, turn.queues),
        ],
      },
      [],
      {},
      component,
    ),
    'components/one-server': tree(
      {},
      [],
      {
        patches: [
          setting({ kind: 'ConfigMap', name: NATS_CONFIG }, { '/data/cluster.conf': ALONE_CONF }),
          setting({ kind: 'StatefulSet', name: 'nats' }, { '/spec/replicas': 1 }),
          setting(
            { kind: 'Job', labelSelector: 'app.kubernetes.io/name=provision' },
            { [`${ARGUMENT}/${REPLICAS}`]: '1' },
          ),
        ],
      },
      component,
    ),
    'components/webhooks': tree({ 'deliver.yaml': pulling(deliver, release) }, [], {}, component),
    'components/webhooks-scaled': tree({ 'deliver.yaml': [scaledObject(deliver, deliver.queues)] }, [], {}, component),
  };
}

/** What Knative's form of a process is made of. */
const KNATIVE_OBJECTS = [
  { apiVersion: 'serving.knative.dev/v1', kind: 'Service' },
  { apiVersion: 'v1', kind: 'ServiceAccount' },
  { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy' },
] as const;

const knativeTargets = (processes: readonly Process[]): Targets =>
  Object.fromEntries(processes.map(({ name }) => [name, `http://${name}.$(POD_NAMESPACE).svc.cluster.local`]));

/** Sends events elsewhere. */
const retargeted = ({ name }: Process, targets: Targets): object => ({
  target: { kind: 'Deployment', name },
  patch: JSON.stringify({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: { template: { spec: { containers: [{ name, env: [targetsVariable(targets)] }] } } },
  }),
});

/** A folder of files, with the file that lists them. */
function tree(
  files: Readonly<Record<string, readonly (Manifest | object)[]>>,
  others: readonly string[] = [],
  fields: Readonly<Record<string, unknown>> = {},
  wrap: (fields: Readonly<Record<string, unknown>>) => object = kustomization,
): Readonly<Record<string, readonly object[]>> {
  const resources = [...others, ...Object.keys(files)];
  return { 'kustomization.yaml': [wrap({ ...(resources.length > 0 && { resources }), ...fields })], ...files };
}
