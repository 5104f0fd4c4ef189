import { settingsOf, variablesOf, type Feeding, type Variable } from './environment.ts';
import { mebibytes } from './deployment.ts';
import { PATHS, PORTS, SECRETS } from './names.ts';
import type { Process } from './process.ts';

/** What the restricted pod standard asks of a container, and a file system that nobody can write to. */
export const RESTRICTED = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
  privileged: false,
  readOnlyRootFilesystem: true,
  runAsNonRoot: true,
  runAsUser: 65_532,
  runAsGroup: 65_532,
  seccompProfile: { type: 'RuntimeDefault' },
} as const;

/** How a container is to be made. */
export interface Running {
  readonly image: string;
  readonly feeding: Feeding;
  readonly variables?: readonly Variable[];
}

/** The one container of a process. */
export function containerOf(process: Process, { image, feeding, variables }: Running): object {
  const { deployment, kind, name, needs } = process;
  return {
    name,
    image,
    args: [`dist/${process.bundle ?? name}.js`, ...(process.arguments ?? [])],
    ...(feeding === 'http' && { ports: [{ containerPort: PORTS.http }] }),
    env: variablesOf(process, feeding, variables).map(environmentVariable),
    envFrom: [
      ...settingsOf(process).map((map) => ({ configMapRef: { name: map } })),
      ...(needs.includes('tenantSecrets') ? [{ secretRef: { name: SECRETS.tenantSecrets, optional: true } }] : []),
    ],
    ...(kind !== 'task' && {
      // The event loop turns: nothing that another process could repair by being started again.
      livenessProbe: { httpGet: { path: '/healthz', port: PORTS.ops }, periodSeconds: 10, failureThreshold: 6 },
      readinessProbe: { httpGet: { path: '/readyz', port: PORTS.ops } },
    }),
    resources: {
      requests: { cpu: deployment.cpu, memory: deployment.memory },
      // No limit of CPU: it would slow the start, which is when there is the most to do.
      limits: { memory: deployment.memory },
    },
    securityContext: RESTRICTED,
    volumeMounts: mounts(process).map(({ volume, path }) => ({ name: volume, mountPath: path, readOnly: true })),
  };
}

/** What every pod of a process is made of, whoever makes it. */
export function podOf(process: Process, running: Running): object {
  return {
    serviceAccountName: process.name,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    containers: [containerOf(process, running)],
    volumes: mounts(process).map(({ volume, secret, keys }) => ({
      name: volume,
      secret: { secretName: secret, items: keys.map((key) => ({ key, path: key })) },
    })),
  };
}

/** What tells whoever watches where the metrics are. */
export const WATCHED_AT = {
  'prometheus.io/scrape': 'true',
  'prometheus.io/port': String(PORTS.ops),
  'prometheus.io/path': '/metrics',
} as const;

/** What Go's collector keeps to, so that the pod's limit is not what ends the server. */
export const goMemoryLimit = (memory: string): string => `${Math.floor(mebibytes(memory) * 0.8)}MiB`;

interface Mount {
  readonly volume: string;
  readonly path: string;
  readonly secret: string;
  readonly keys: readonly string[];
}

function mounts({ needs }: Process): readonly Mount[] {
  const files = (volume: keyof typeof PATHS, secret: string, ...keys: readonly string[]): Mount => ({
    volume: volume.replace(/[A-Z]/gu, (letter) => `-${letter.toLowerCase()}`),
    path: PATHS[volume],
    secret,
    keys,
  });
  return [
    // The certificate of the authority alone: the servers' key is for the servers.
    files('ca', SECRETS.tls, 'ca.crt'),
    ...(needs.includes('tenants') ? [files('tenants', SECRETS.tenants, 'tenants.yml')] : []),
    ...(needs.includes('tenantKeys') ? [files('tenantKeys', SECRETS.tenantKeys, 'tenant-keys.json')] : []),
  ];
}

/** A variable as Kubernetes writes it. */
export function environmentVariable(variable: Variable): object {
  if ('value' in variable) return variable;
  const { name } = variable;
  if ('field' in variable) return { name, valueFrom: { fieldRef: { fieldPath: variable.field } } };
  return { name, valueFrom: { secretKeyRef: { name: variable.secret, key: variable.key } } };
}
