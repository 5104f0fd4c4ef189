import { checkVariables, type Variable } from './environment.ts';
import { labelsOf, NAMESPACES, PORTS, SECRETS } from './names.ts';
import type { Need, Process } from './process.ts';
import { imageOf, type Release } from './release.ts';
import type { Targets } from './workloads.ts';

/** Where OpenFaaS puts the files of secrets; each is named as the secret. */
const SECRET_FILES = '/var/openfaas/secrets';
/** What is told of by a file, and the variable that names it. */
const FILES: Partial<Record<Need, { readonly variable: string; readonly secret: string }>> = {
  tenants: { variable: 'TURNSTREAM_TENANTS', secret: SECRETS.tenants },
  tenantKeys: { variable: 'TURNSTREAM_TENANT_KEYS', secret: SECRETS.tenantKeys },
  tenantSecrets: { variable: 'TURNSTREAM_TENANT_SECRETS', secret: SECRETS.tenantSecrets },
};
/** What a copy that has nothing to do waits for before it goes. */
const QUIET = '5m';

/** The secret that holds the password of one user: on OpenFaaS a secret is one file. */
const passwordSecret = (user: string): string => `turnstream-nats-${user}`;

/** Functions as OpenFaaS reads them: `stack.yml`. One image for each, since OpenFaaS passes no arguments. */
export const stackOf = (processes: readonly Process[], release: Release): object => ({
  version: '1.0',
  provider: { name: 'openfaas', gateway: 'http://127.0.0.1:8080' },
  functions: Object.fromEntries(processes.map((process) => [process.name, functionOf(process, release)])),
});

/** Where the relay finds functions that OpenFaaS runs. */
export const openfaasTargets = (processes: readonly Process[]): Targets =>
  Object.fromEntries(
    processes.map(({ name }) => [
      name,
      `http://gateway.${NAMESPACES.openfaas}.svc.cluster.local:8080/function/${name}`,
    ]),
  );

function functionOf(process: Process, release: Release): object {
  const { deployment, environment, name, needs, role } = process;
  const { memory, cpu, timeoutSeconds } = deployment;
  const files = needs.flatMap((need) => FILES[need] ?? []);
  const variables: readonly Variable[] = [
    // Everything of the platform but the functions is in a namespace of its own.
    {
      name: 'TURNSTREAM_NATS_URL',
      value: `tls://nats.\${TURNSTREAM_NAMESPACE:-turnstream}.svc.cluster.local:${PORTS.log}`,
    },
    { name: 'TURNSTREAM_NATS_USER', value: role.user },
    { name: 'TURNSTREAM_HOST_MODE', value: 'http' },
    { name: 'TURNSTREAM_PORT', value: String(PORTS.http) },
    { name: 'TURNSTREAM_OPS_PORT', value: String(PORTS.ops) },
    { name: 'TURNSTREAM_CONCURRENCY', value: String(deployment.concurrency) },
    ...files.map(({ variable, secret }) => ({ name: variable, value: `${SECRET_FILES}/${secret}` })),
    { name: 'NODE_EXTRA_CA_CERTS', value: `${SECRET_FILES}/turnstream-nats-ca` },
  ];
  checkVariables(name, environment, variables);
  return {
    lang: 'dockerfile',
    handler: '.',
    image: imageOf({ image: `${release.image}-${name}` }, { version: release.version }),
    build_args: { PROCESS: name, MODELS: String(deployment.model) },
    environment: {
      ...Object.fromEntries(variables.map((variable) => [variable.name, 'value' in variable ? variable.value : ''])),
      // The value is the content of that file.
      TURNSTREAM_NATS_PASSWORD_FILE: `${SECRET_FILES}/${passwordSecret(role.user)}`,
    },
    secrets: [passwordSecret(role.user), 'turnstream-nats-ca', ...files.map(({ secret }) => secret)],
    labels: { ...labelsOf(name), ...scaling(process) },
    annotations: {
      'com.openfaas.health.http.path': '/_/health',
      'com.openfaas.ready.http.path': '/_/ready',
      // Calls through the queue. 503 is not among OpenFaaS's own codes, and it is what says "not now" here.
      'com.openfaas.retry.attempts': '10',
      'com.openfaas.retry.codes': '408,429,500,502,503,504',
      'com.openfaas.retry.min_wait': '1s',
      'com.openfaas.retry.max_wait': `${timeoutSeconds * 3}s`,
    },
    requests: { memory, cpu },
    limits: { memory },
    readonly_root_filesystem: true,
  };
}

/** Copies by the requests that are open, as on Knative. OpenFaaS counts from one; none at all is a label of its own. */
function scaling({ deployment }: Process): Readonly<Record<string, string>> {
  const { concurrency, scale } = deployment;
  return {
    'com.openfaas.scale.min': String(Math.max(1, scale.min)),
    'com.openfaas.scale.max': String(scale.max),
    'com.openfaas.scale.type': 'capacity',
    'com.openfaas.scale.target': String(concurrency),
    'com.openfaas.scale.target-proportion': '0.7',
    'com.openfaas.scale.zero': String(scale.min === 0),
    'com.openfaas.scale.zero-duration': QUIET,
    'com.openfaas.scale.down.window': QUIET,
  };
}
