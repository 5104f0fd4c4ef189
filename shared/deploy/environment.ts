import * as v from 'valibot';
import type { Process, Schema } from './process.ts';
import { invalid } from './deployment.ts';
import { ARCHIVE_SETTINGS, PATHS, PORTS, SECRETS, SETTINGS } from './names.ts';
import { TelemetryEnvironment } from '../telemetry/config.ts';

/** A variable of a container: a value that everybody may see, a field of its pod, or the place of a secret. */
export type Variable =
  | { readonly name: string; readonly value: string }
  | { readonly name: string; readonly field: string }
  | { readonly name: string; readonly secret: string; readonly key: string };

/** What Node itself reads, what OpenTelemetry's exporter does, and what only stands within other values. */
const FOREIGN = /^(?:NODE_EXTRA_CA_CERTS|OTEL_[A-Z_]+|POD_NAMESPACE)$/u;
/** Names of what must never stand in a manifest. */
export const SECRET_NAME = /(?:PASSWORD|SECRET|TOKEN|_KEY)$/u;

/** Where a process finds the log: the name of its service, so that the certificate fits. */
export const LOG_URL = `tls://nats:${PORTS.log}`;

/** How a process is told to be fed. */
export type Feeding = 'http' | 'pull';

/** The variables of a process on Kubernetes. Fails with `deploy.invalid` (never) where they do not fit its schema. */
export function variablesOf(process: Process, feeding: Feeding, more: readonly Variable[] = []): readonly Variable[] {
  const { deployment, kind, needs, role } = process;
  const variables: readonly Variable[] = [
    { name: 'TURNSTREAM_NATS_USER', value: role.user },
    { name: 'TURNSTREAM_NATS_PASSWORD', secret: SECRETS.users, key: role.user },
    ...(kind === 'task'
      ? []
      : [
          { name: 'TURNSTREAM_OPS_PORT', value: String(PORTS.ops) },
          { name: 'TURNSTREAM_CONCURRENCY', value: String(deployment.concurrency) },
        ]),
    ...(kind === 'function' ? [{ name: 'TURNSTREAM_HOST_MODE', value: feeding }] : []),
    ...(feeding === 'http' ? [{ name: 'TURNSTREAM_PORT', value: String(PORTS.http) }] : []),
    ...needs.flatMap((need): readonly Variable[] => {
      switch (need) {
        case 'tenants':
          // A command takes it as an option.
          return kind === 'task' && !('TURNSTREAM_TENANTS' in process.environment.entries)
            ? []
            : [{ name: 'TURNSTREAM_TENANTS', value: `${PATHS.tenants}/tenants.yml` }];
        case 'tenantKeys':
          return [{ name: 'TURNSTREAM_TENANT_KEYS', value: `${PATHS.tenantKeys}/tenant-keys.json` }];
        case 'sessionKey':
          return [{ name: 'TURNSTREAM_SESSION_KEY', secret: SECRETS.gateway, key: 'session-key' }];
        case 'objects':
          return [
            { name: 'TURNSTREAM_ARCHIVE_ACCESS_KEY', secret: SECRETS.archive, key: 'access-key' },
            { name: 'TURNSTREAM_ARCHIVE_SECRET_KEY', secret: SECRETS.archive, key: 'secret-key' },
          ];
        case 'tenantSecrets':
          return [];
      }
    }),
    { name: 'NODE_EXTRA_CA_CERTS', value: `${PATHS.ca}/ca.crt` },
    ...more,
  ];
  checkVariables(process.name, process.environment, [...variables, ...Object.keys(SETTING_VALUES).map(named)]);
  return variables;
}

/** What overlays may change for all processes together. */
export const SETTING_VALUES = {
  TURNSTREAM_NATS_URL: LOG_URL,
  TURNSTREAM_LOG_LEVEL: 'info',
  OTEL_TRACES_SAMPLER_ARG: '0.1',
} as const;

/** Where the archive is; each installation has its own. */
export const ARCHIVE_VALUES = {
  TURNSTREAM_ARCHIVE_BUCKET: 'turnstream',
  TURNSTREAM_ARCHIVE_ENDPOINT: 'https://objects.invalid',
  TURNSTREAM_ARCHIVE_REGION: 'us-east-1',
  TURNSTREAM_ARCHIVE_PREFIX: 'turnstream/',
} as const;

/** The maps of settings that a process takes as they are. */
export const settingsOf = ({ needs }: Pick<Process, 'needs'>): readonly string[] =>
  needs.includes('objects') ? [SETTINGS, ARCHIVE_SETTINGS] : [SETTINGS];

/**
 * Refuses a variable that the process would not read, a required one that nothing sets, a value that it would not
 * take, and a secret that stands there for everybody to read. Fails with `deploy.invalid` (never), naming the variable.
 */
export function checkVariables(name: string, schema: Schema, variables: readonly Variable[]): void {
  const entries: Readonly<Record<string, unknown>> = { ...schema.entries, ...TelemetryEnvironment.entries };
  for (const variable of variables) {
    if (!(variable.name in entries) && !FOREIGN.test(variable.name)) {
      throw invalid(`${name}: ${variable.name}: no such variable is read`);
    }
    if ('value' in variable && SECRET_NAME.test(variable.name)) {
      throw invalid(`${name}: ${variable.name}: a secret in plain text`);
    }
  }
  const set = new Set(variables.map((variable) => variable.name));
  const missing = Object.entries(schema.entries).find(([key, entry]) => isRequired(entry) && !set.has(key));
  if (missing) throw invalid(`${name}: ${missing[0]}: is required and set by nothing`);
  for (const variable of variables) {
    const entry = schema.entries[variable.name];
    if (entry && 'value' in variable && !fits(entry, variable.value)) {
      throw invalid(`${name}: ${variable.name}: does not take ${JSON.stringify(variable.value)}`);
    }
  }
}

/** A variable that comes with the settings; its value is checked where they are read. */
const named = (name: string): Variable => ({ name, secret: '', key: '' });

const isRequired = ({ type }: { readonly type: string }) => !type.includes('optional');
/** The name of the namespace is filled in by the cluster. */
const fits = (entry: Schema['entries'][string], value: string) =>
  v.safeParse(entry, value.replaceAll('$(POD_NAMESPACE)', 'namespace')).success;
