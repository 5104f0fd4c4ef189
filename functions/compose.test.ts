import { readFile } from 'node:fs/promises';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { PINNED } from '../shared/broker/version.ts';
import { mebibytes } from '../shared/deploy/deployment.ts';
import { checkVariables } from '../shared/deploy/environment.ts';
import { imageOf, readRelease } from '../shared/deploy/release.ts';
import { processes } from './deployments.ts';

// docs/machine/compose.yml: what compose would take, and what the definitions say of its processes.

const textOf = (path: string) => readFile(new URL(`../${path}`, import.meta.url), 'utf8');
const strings = v.array(v.string());
const Healthcheck = v.union([
  v.strictObject({ disable: v.literal(true) }),
  v.strictObject({
    test: v.pipe(strings, v.minLength(2)),
    interval: v.string(),
    start_period: v.string(),
  }),
]);
const CONDITIONS = ['service_healthy', 'service_completed_successfully'] as const;
const Service = v.strictObject({
  image: v.string(),
  command: strings,
  // Nobody is root, nothing is written but in volumes, and nothing is gained by a program of another's.
  user: v.literal('65532:65532'),
  read_only: v.literal(true),
  cap_drop: v.tuple([v.literal('ALL')]),
  security_opt: v.tuple([v.literal('no-new-privileges:true')]),
  restart: v.picklist(['unless-stopped', 'no']),
  stop_grace_period: v.pipe(v.string(), v.regex(/^\d+s$/u)),
  networks: strings,
  mem_limit: v.pipe(v.string(), v.regex(/^\d+m$/u)),
  healthcheck: Healthcheck,
  ports: v.optional(v.array(v.pipe(v.string(), v.startsWith('127.0.0.1:'))), []),
  volumes: v.optional(strings, []),
  secrets: v.optional(strings, []),
  environment: v.optional(v.record(v.string(), v.string()), {}),
  env_file: v.optional(v.array(v.strictObject({ path: v.string(), required: v.literal(false) }))),
  depends_on: v.optional(v.record(v.string(), v.strictObject({ condition: v.picklist(CONDITIONS) })), {}),
});
const Compose = v.object({
  name: v.string(),
  services: v.record(v.string(), Service),
  networks: v.record(v.string(), v.strictObject({ internal: v.optional(v.boolean()) })),
  secrets: v.record(v.string(), v.strictObject({ file: v.string() })),
});

const { services, networks, secrets } = v.parse(
  Compose,
  parse(await textOf('docs/machine/compose.yml'), { merge: true }),
);
const ours = Object.entries(services).filter(([name]) => name !== 'nats');

describe('compose.yml', () => {
  it('names only services, networks and secrets that it has', () => {
    for (const [name, service] of Object.entries(services)) {
      expect(Object.keys(networks), name).toEqual(expect.arrayContaining(service.networks));
      expect(Object.keys(secrets), name).toEqual(expect.arrayContaining(service.secrets));
      for (const [other, { condition }] of Object.entries(service.depends_on)) {
        const before = services[other];
        expect(before, `${name} waits for ${other}`).toBeDefined();
        // What ends is waited for until it has; what goes on, until it is well.
        expect(condition).toBe(before?.restart === 'no' ? 'service_completed_successfully' : 'service_healthy');
        if (condition === 'service_healthy') expect(before?.healthcheck).toHaveProperty('test');
      }
    }
  });

  it('lets nobody reach the log but its processes', async () => {
    expect(networks['log']).toEqual({ internal: true });
    expect(services['nats']).toMatchObject({ networks: ['log'], ports: [], image: `nats:${PINNED}-alpine` });
    const conf = await textOf('docs/machine/compose-nats.conf');
    expect(conf).toContain('sync_interval: always');
    expect(services['nats']?.volumes.map((volume) => volume.split(':')[1])).toContain(
      /store_dir: "(.+)"/u.exec(conf)?.[1],
    );
  });

  it('runs all that a platform needs, of the release', async () => {
    const release = readRelease(await textOf('knative/release.yml'));
    const needed = ['provision', 'turn', 'outside', 'timers', 'gateway', 'archive'];
    expect(ours.map(([name]) => name)).toEqual(needed);
    for (const [, { image }] of ours) expect(image).toBe(imageOf(release, { version: release.version }));
  });
});

describe.each(ours)('the service %s', (name, service) => {
  const process = processes.find((p) => p.name === name);
  if (!process) throw new Error(`there is no process ${name}`);

  it('is told what its process reads, and all that it requires', () => {
    const told = Object.entries(service.environment);
    // The content of a file stands for the variable.
    const variables = told.map(([variable, value]) =>
      variable.endsWith('_FILE')
        ? { name: variable.slice(0, -5), secret: 'file', key: value }
        : { name: variable, value },
    );
    checkVariables(name, process.environment, variables);
    const files = told.flatMap(([, value]) => /^\/run\/secrets\/(.+)$/u.exec(value)?.[1] ?? []);
    const named = service.command.flatMap((argument) => /^\/run\/secrets\/(.+)$/u.exec(argument)?.[1] ?? []);
    expect([...files, ...named].toSorted()).toEqual(service.secrets.toSorted());
  });

  it('is asked where it answers whether it is well, and finds the folders that it is told of', () => {
    const { healthcheck, environment, volumes } = service;
    const { TURNSTREAM_OPS_PORT: port } = environment;
    if ('test' in healthcheck) expect(healthcheck.test.join(' ')).toContain(`http://127.0.0.1:${port}/readyz`);
    else expect(port).toBeUndefined();
    const folders = Object.entries(environment).flatMap(([variable, path]) =>
      variable.endsWith('_DIR') ? [path] : [],
    );
    // Only the archive writes.
    const mode = name === 'archive' ? undefined : 'ro';
    expect(volumes.map((volume) => volume.split(':').slice(1))).toEqual(
      folders.map((path) => (mode === undefined ? [path] : [path, mode])),
    );
  });

  it('gets what its deployment says, and reaches out only where it has to', () => {
    const { deployment, bundle = name, kind } = process;
    expect(service.command[0]).toBe(`dist/${bundle}.js`);
    expect(mebibytes(service.mem_limit.replace('m', 'Mi'))).toBeGreaterThanOrEqual(mebibytes(deployment.memory));
    // A folder takes the place of the archive's bucket.
    const reaches = process.reachesOut === true && kind !== 'task';
    expect(service.networks).toEqual(reaches ? ['log', 'outside'] : ['log']);
  });
});
