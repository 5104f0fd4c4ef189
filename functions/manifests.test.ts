import { execFile } from 'node:child_process';
import { mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { parse, parseAllDocuments } from 'yaml';
import * as v from 'valibot';
import { OTHERS, PROCESSES } from '../tsup.config.ts';
import { describe, expect, it } from 'vitest';
import { podIn, variablesIn } from '../shared/deploy/built.ts';
import { compare } from '../shared/deploy/compare.ts';
import { checkVariables } from '../shared/deploy/environment.ts';
import { judge } from '../shared/deploy/kubernetes.fixture.ts';
import type { Manifest } from '../shared/deploy/objects.ts';
import { plainSecrets } from '../shared/deploy/plain-secrets.ts';
import { imageOf, readRelease } from '../shared/deploy/release.ts';
import { objections, Stack } from '../shared/deploy/platforms.fixture.ts';
import { freshSecrets } from '../shared/deploy/secrets.ts';
import { processes, roles, shadow } from './deployments.ts';
import { groupsOf, registry, type Hosting } from './index.ts';
import {
  build as buildOnce,
  manifestFiles,
  manifestsThere,
  OVERLAYS,
  RELEASE,
  wantedManifests,
  wantedReadme,
} from './manifest-files.ts';
import { targetsFrom } from './relay/targets.ts';
import { CALL_LIMITS } from './voice/options.ts';

const FOLDERS = [...OVERLAYS.map((overlay) => `knative/overlays/${overlay}`), 'knative/keda', 'knative/openfaas'];
const judged = judge();
const built = new Map<string, ReturnType<typeof buildOnce>>();

/** Each folder is built by kubectl once for all tests. */
function build(folder: string): ReturnType<typeof buildOnce> {
  const building = built.get(folder) ?? buildOnce(folder);
  built.set(folder, building);
  return building;
}

it('has manifests that are those of the definitions (else: npm run manifests)', async () => {
  expect(compare(await wantedManifests(), await manifestsThere())).toEqual([]);
});

it('holds no secret in plain text', async () => {
  expect(plainSecrets(await manifestFiles())).toEqual([]);
});

it('has a page of differences that is true (else: npm run manifests)', async ({ skip }) => {
  const text = await readFile(new URL('../knative/README.md', import.meta.url), 'utf8');
  const wanted = await wantedReadme(text);
  if (wanted === undefined) skip('there is no kubectl here: the overlays were not built');
  expect(wanted).toBe(text);
});

it('tells of every function where environments differ', async () => {
  const text = await readFile(new URL('../knative/README.md', import.meta.url), 'utf8');
  const [, row = ''] = /^\| processes of functions (.*)$/mu.exec(text) ?? [];
  for (const { name } of registry) expect(row).toContain(` ${name}`);
});

describe('every rendered object', async () => {
  const objects = [...(await wantedManifests())]
    .filter(([path]) => path.startsWith('knative/') && !path.endsWith('kustomization.yaml'))
    .flatMap(([path, text]) =>
      parseAllDocuments(text).map((document) => ({ path, object: document.toJS() as Manifest })),
    );
  const isCustom = ({ apiVersion }: Manifest) => /^(?:serving\.knative\.dev|keda\.sh)\//u.test(apiVersion);
  const wrong = (some: typeof objects) =>
    some.flatMap(({ path, object }) =>
      [...[judged(object)].flat(), ...objections(object)].map((why) => `${path} ${object.kind}: ${why}`),
    );

  it('is one that Kubernetes takes', () => {
    const some = objects.filter(({ object }) => !isCustom(object));
    expect(some.length).toBeGreaterThan(30);
    expect(wrong(some)).toEqual([]);
  });

  it('is one that Knative or KEDA takes', ({ skip }) => {
    if (!judged.hasCrds) skip('../shared/schemas is absent: nothing is known of Knative and KEDA');
    const some = objects.filter(({ object }) => isCustom(object));
    expect(some.length).toBeGreaterThan(9);
    expect(wrong(some)).toEqual([]);
  });
});

it('leads calls from the outside to the process that takes them, encrypted, for as long as a call may last', async () => {
  const files = await wantedManifests();
  const [entrance] = parseAllDocuments(files.get('knative/components/voice-ingress/ingress.yaml') ?? '').map(
    (document) => document.toJS() as Manifest,
  );
  const voice = parseAllDocuments(files.get('knative/components/voice/voice.yaml') ?? '').map(
    (document) => document.toJS() as Manifest & { readonly spec: { readonly ports?: readonly { port: number }[] } },
  );
  const service = voice.find(({ kind }) => kind === 'Service');
  const { tls, rules } = entrance?.['spec'] as {
    readonly tls: readonly { readonly hosts: readonly string[] }[];
    readonly rules: readonly { readonly host: string; readonly http: { readonly paths: readonly object[] } }[];
  };
  expect(tls.flatMap(({ hosts }) => hosts)).toEqual(rules.map(({ host }) => host));
  const backend = { service: { name: service?.metadata.name, port: { number: service?.spec.ports?.[0]?.port } } };
  expect(rules.map(({ http }) => http.paths)).toEqual([[{ path: '/v1/voice', pathType: 'Prefix', backend }]]);
  const seconds = entrance?.metadata.annotations?.['nginx.ingress.kubernetes.io/proxy-read-timeout'];
  expect(Number(seconds) * 1_000).toBeGreaterThan(CALL_LIMITS.longestMs);
});

describe.each(FOLDERS)('%s', (folder) => {
  it('is built by kubectl into objects that the platforms take', async ({ skip }) => {
    const objects = await build(folder);
    if (!objects) return skip('there is no kubectl here');
    const found = objects.flatMap((object) => {
      const verdict = judged(object);
      const isUnchecked = verdict === 'unknown' && !judged.hasCrds;
      const wrong = [...(isUnchecked ? [] : [verdict].flat()), ...objections(object)];
      return wrong.map((why) => `${object.kind} ${object.metadata.name}: ${why}`);
    });
    expect(found).toEqual([]);
  });

  it('sets every variable that its processes require, and none that they do not know', async ({ skip }) => {
    const objects = await build(folder);
    if (!objects) return skip('there is no kubectl here');
    const containers = objects
      .flatMap((object) => podIn(object)?.containers ?? [])
      .filter(({ name }) => name !== 'nats');
    expect(containers.length).toBeGreaterThan(4);
    for (const container of containers) {
      const process = processes.find(({ name }) => name === container.name);
      expect(process, container.name).toBeDefined();
      if (process) checkVariables(process.name, process.environment, variablesIn(container, objects));
    }
  });

  it('asks KEDA, and calls functions, in its own namespace', async ({ skip }) => {
    const objects = await build(folder);
    if (!objects) return skip('there is no kubectl here');
    const namespace = objects.find(({ kind }) => kind === 'Namespace')?.metadata.name ?? '';
    const endpoint = objects.find(({ metadata }) => metadata.name === 'nats-monitoring')?.['data'];
    if (endpoint !== undefined) expect(JSON.stringify(endpoint)).toContain(`.${namespace}.svc.`);
    expect(namespace).toMatch(/^turnstream/u);
  });

  it('provisions the consumers of the functions that it runs, and sends their events there', async ({ skip }) => {
    const objects = await build(folder);
    if (!objects) return skip('there is no kubectl here');
    const containers = objects.flatMap((object) => podIn(object)?.containers ?? []);
    const args = containers.find(({ name }) => name === 'provision')?.args ?? [];
    const hosting = args[args.indexOf('--hosting') + 1] as Hosting;
    const groups = groupsOf(hosting).map(({ name }) => name);
    const relay = containers.find(({ name }) => name === 'relay');
    const targets = variablesIn(relay ?? { name: '', image: '' }, []).find(
      (v) => v.name === 'TURNSTREAM_RELAY_TARGETS',
    );
    const told = targets && 'value' in targets ? targets.value.replaceAll('$(POD_NAMESPACE)', 'namespace') : undefined;
    const fed = told === undefined ? containers.map(({ name }) => name) : [...targetsFrom(told).keys()];
    expect(groups.filter((name) => !fed.includes(name))).toEqual([]);
    if (told !== undefined) expect(fed).toHaveLength(groups.length);
    expect(args.slice(1)).toHaveLength(processes.find(({ name }) => name === 'provision')?.arguments?.length ?? 0);
  });

  it('refers only to secrets that are made', async ({ skip }) => {
    const objects = await build(folder);
    if (!objects) return skip('there is no kubectl here');
    const made = new Map(
      freshSecrets('any', [...roles, shadow], () => 'x').map(({ metadata, stringData }) => [
        metadata.name,
        Object.keys(stringData as object),
      ]),
    );
    const variables = objects.flatMap((object) => podIn(object)?.containers ?? []).flatMap((c) => variablesIn(c, []));
    const missing = variables.filter(
      (variable) => 'secret' in variable && !made.get(variable.secret)?.includes(variable.key),
    );
    expect(missing).toEqual([]);
    const text = JSON.stringify(objects);
    const named = [...text.matchAll(/"secretName":"([^"]+)"/gu)].map(([, name]) => name ?? '');
    expect(named.filter((name) => !made.has(name))).toEqual([]);
  });
});

describe('a shadow', () => {
  /** What an environment amounts to that lets one in. */
  async function withShadow(folder: string): Promise<readonly Manifest[] | undefined> {
    const root = await realpath(fileURLToPath(new URL('../knative/overlays/', import.meta.url)));
    const dir = await mkdtemp(join(await realpath(tmpdir()), 'turnstream-shadow-'));
    const at = (path: string) => relative(dir, join(root, path));
    const lines = ['resources:', `  - ${at(folder)}`, 'components:', `  - ${at('../components/shadow')}`];
    await writeFile(join(dir, 'kustomization.yaml'), `${lines.join('\n')}\n`);
    return buildOnce(dir).finally(() => rm(dir, { recursive: true }));
  }
  const usersOf = (objects: readonly Manifest[]): string =>
    objects.map((object) => (object['data'] as Record<string, string> | undefined)?.['users.conf']).join('');
  const serversOf = (objects: readonly Manifest[]) => objects.find(({ kind }) => kind === 'StatefulSet');
  const passwordsOf = (objects: readonly Manifest[]) =>
    podIn(serversOf(objects) as Manifest)
      ?.containers.flatMap((container) => variablesIn(container, []))
      .flatMap((variable) => ('secret' in variable ? [variable.key] : []));

  it('has a user of the log where an overlay lets it in, beside all the others, and nowhere else', async ({ skip }) => {
    const [before, after] = [await build('knative/overlays/prod'), await withShadow('prod')];
    if (!before || !after) return skip('there is no kubectl here');
    expect(passwordsOf(before)).toEqual(roles.map(({ user }) => user));
    expect(passwordsOf(after)?.toSorted()).toEqual([...roles, shadow].map(({ user }) => user).toSorted());
    expect(usersOf(before)).not.toContain(shadow.user);
    for (const { user } of [...roles, shadow]) expect(usersOf(after)).toContain(`"user": "${user}"`);
    // The servers are restarted: they read the variables of their process once.
    expect(JSON.stringify(serversOf(after))).not.toContain(
      /"turnstream\/configuration":"\w+"/u.exec(JSON.stringify(serversOf(before)))?.[0],
    );
    expect(after.flatMap((object) => [judged(object)].flat())).toEqual(
      before.flatMap((object) => [judged(object)].flat()),
    );
  });
});

it('writes a stack.yml that OpenFaaS reads', async () => {
  const text = await readFile(new URL('../stack.yml', import.meta.url), 'utf8');
  const { functions } = v.parse(Stack, parse(text));
  expect(Object.keys(functions)).toEqual(['intent', 'entity', 'policy', 'reply', 'knowledge', 'action', 'generate']);
});

it('is read by faas-cli', async ({ skip }) => {
  const stack = fileURLToPath(new URL('../stack.yml', import.meta.url));
  const read = promisify(execFile)('faas-cli', ['generate', '--yaml', stack]);
  const { stdout } = await read.catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return skip('there is no faas-cli here: only the form of stack.yml was checked');
  });
  const { functions } = parse(await readFile(stack, 'utf8')) as { readonly functions: object };
  expect(parseAllDocuments(stdout)).toHaveLength(Object.keys(functions).length);
});

it('runs the same image everywhere', async ({ skip }) => {
  const release = readRelease(await readFile(RELEASE, 'utf8'));
  const released = [release, release.canary ?? release].map((version) => imageOf(release, version));
  for (const overlay of OVERLAYS) {
    const objects = await build(`knative/overlays/${overlay}`);
    if (!objects) return skip('there is no kubectl here');
    const containers = objects
      .flatMap((object) => podIn(object)?.containers ?? [])
      .filter(({ name }) => name !== 'nats');
    expect(released).toEqual(expect.arrayContaining(containers.map(({ image }) => image)));
  }
});

it('starts bundles that are built', () => {
  const entries = { ...PROCESSES, ...OTHERS };
  expect(Object.keys(entries)).toEqual(expect.arrayContaining(processes.map(({ name, bundle = name }) => bundle)));
});
