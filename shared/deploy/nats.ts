import { createHash } from 'node:crypto';
import type { Role } from '../access/roles.ts';
import { PINNED } from '../broker/version.ts';
import { environmentVariable, goMemoryLimit, RESTRICTED } from './container.ts';
import type { Variable } from './environment.ts';
import { setting } from './kustomize.ts';
import { labelsOf, NAMESPACES, PART_OF, PORTS, SECRETS } from './names.ts';
import { clusterConf, HEADLESS, passwordVariable, SERVER_PATHS, serverConf, SERVERS, usersConf } from './nats-conf.ts';
import {
  configMap,
  disruptionBudget,
  DNS,
  inNamespaces,
  networkPolicy,
  pods,
  service,
  serviceAccount,
  type Manifest,
} from './objects.ts';

/** The name of the log's servers, and of the service that leads to them. */
export const NATS = 'nats';
/** The map with their configuration. */
export const NATS_CONFIG = 'nats-config';
const MEMORY = '2Gi';
const VOLUME = '20Gi';

/** The log: three servers that keep every event three times, with a user for each of these roles. */
export function natsCluster(roles: readonly Role[]): readonly Manifest[] {
  const conf = {
    'nats.conf': serverConf(),
    'users.conf': usersConf(roles),
    'cluster.conf': clusterConf(SERVERS),
  };
  return [
    serviceAccount(NATS),
    configMap(NATS_CONFIG, conf),
    service(NATS, { log: PORTS.log }),
    service(HEADLESS, { log: PORTS.log, routes: PORTS.routes, monitor: PORTS.monitor }, { app: NATS, headless: true }),
    servers(roles, hashOf(conf)),
    disruptionBudget(NATS),
    networkPolicy(NATS, {
      from: [
        { peers: [ours, inNamespaces(NAMESPACES.openfaasFunctions)], ports: [PORTS.log] },
        { peers: [pods(NATS)], ports: [PORTS.routes] },
        { peers: [inNamespaces(NAMESPACES.keda, NAMESPACES.monitoring)], ports: [PORTS.monitor] },
      ],
      to: [DNS, { peers: [pods(NATS)], ports: [PORTS.routes] }],
    }),
  ];
}

/** Patches that let one user more in. `roles`: everybody, the new one included. */
export const admitting = (roles: readonly Role[], added: Role): readonly object[] => {
  const users = usersConf(roles);
  const container = { name: NATS, env: [passwordOf(added)].map(environmentVariable) };
  const metadata = { annotations: { [CONFIGURATION]: hashOf(users) } };
  return [
    setting({ kind: 'ConfigMap', name: NATS_CONFIG }, { '/data/users.conf': users }),
    {
      target: { kind: 'StatefulSet', name: NATS },
      patch: JSON.stringify({
        apiVersion: 'apps/v1',
        kind: 'StatefulSet',
        metadata: { name: NATS },
        spec: { template: { metadata, spec: { containers: [container] } } },
      }),
    },
  ];
};

/** Changes with the configuration, so that the servers are restarted one after the other. */
const CONFIGURATION = 'turnstream/configuration';
const hashOf = (conf: unknown): string => createHash('sha256').update(JSON.stringify(conf)).digest('hex').slice(0, 12);
const passwordOf = ({ user }: Role): Variable => ({ name: passwordVariable(user), secret: SECRETS.users, key: user });

const ours = { podSelector: { matchLabels: { 'app.kubernetes.io/part-of': PART_OF } } };

const servers = (roles: readonly Role[], confHash: string): Manifest => ({
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  metadata: { name: NATS, labels: labelsOf(NATS) },
  spec: {
    replicas: SERVERS,
    serviceName: HEADLESS,
    // All at once: one alone waits for a majority that it cannot be.
    podManagementPolicy: 'Parallel',
    selector: { matchLabels: { 'app.kubernetes.io/name': NATS } },
    template: {
      metadata: { labels: labelsOf(NATS), annotations: { [CONFIGURATION]: confHash } },
      spec: {
        serviceAccountName: NATS,
        automountServiceAccountToken: false,
        enableServiceLinks: false,
        terminationGracePeriodSeconds: 60,
        securityContext: { fsGroup: RESTRICTED.runAsGroup, fsGroupChangePolicy: 'OnRootMismatch' },
        topologySpreadConstraints: ['kubernetes.io/hostname', 'topology.kubernetes.io/zone'].map((topologyKey) => ({
          maxSkew: 1,
          topologyKey,
          whenUnsatisfiable: topologyKey.endsWith('hostname') ? 'DoNotSchedule' : 'ScheduleAnyway',
          labelSelector: { matchLabels: { 'app.kubernetes.io/name': NATS } },
        })),
        containers: [serverContainer(roles)],
        volumes: [
          { name: 'config', configMap: { name: NATS_CONFIG } },
          { name: 'tls', secret: { secretName: SECRETS.tls } },
          { name: 'run', emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } },
        ],
      },
    },
    volumeClaimTemplates: [
      {
        metadata: { name: 'data' },
        spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: VOLUME } } },
      },
    ],
  },
});

function serverContainer(roles: readonly Role[]): object {
  const healthy = (query: string) => ({ httpGet: { path: `/healthz${query}`, port: PORTS.monitor } });
  const mount = (name: string, mountPath: string, readOnly: boolean) => ({ name, mountPath, readOnly });
  return {
    name: NATS,
    image: `nats:${PINNED}`,
    args: ['--config', `${SERVER_PATHS.config}/nats.conf`],
    ports: [PORTS.log, PORTS.routes, PORTS.monitor].map((containerPort) => ({ containerPort })),
    env: [
      { name: 'POD_NAME', field: 'metadata.name' },
      { name: 'GOMEMLIMIT', value: goMemoryLimit(MEMORY) },
      ...roles.map(passwordOf),
    ].map(environmentVariable),
    lifecycle: { preStop: { exec: { command: ['nats-server', `-sl=ldm=${SERVER_PATHS.run}/nats.pid`] } } },
    // A server that comes back has to read its store first, which takes as long as it takes.
    startupProbe: { ...healthy('?js-enabled-only=true'), periodSeconds: 5, failureThreshold: 120 },
    livenessProbe: { ...healthy('?js-enabled-only=true'), periodSeconds: 30, failureThreshold: 3 },
    readinessProbe: { ...healthy('?js-server-only=true'), periodSeconds: 5 },
    resources: { requests: { cpu: '1', memory: MEMORY }, limits: { memory: MEMORY } },
    securityContext: RESTRICTED,
    volumeMounts: [
      mount('config', SERVER_PATHS.config, true),
      mount('tls', SERVER_PATHS.tls, true),
      mount('run', SERVER_PATHS.run, false),
      mount('data', SERVER_PATHS.data, false),
    ],
  };
}
