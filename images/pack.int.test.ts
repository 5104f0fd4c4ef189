import { execFile } from 'node:child_process';
import { appendFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { findBuilder } from './builder.ts';
import { pack } from './pack.ts';

const run = promisify(execFile);
const has = (command: string) =>
  run('sh', ['-c', `command -v ${command}`]).then(
    () => true,
    () => false,
  );
const builder = await findBuilder();
const loads = typeof builder !== 'string' && (await has('skopeo'));
if (!loads) process.stdout.write('no bundle is loaded: skopeo or a builder of images is missing\n');

const MANIFEST = 'spec:\n  containers:\n    - image: turnstream:1.2.3\n      name: turn\n    - image: nats:2.15.2\n';
const SUM = /^[0-9a-f]{64}$/u;

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'turnstream-bundle-'));
});
afterEach(async () => {
  await rm(dir, { recursive: true });
});

/** A small bundle, unpacked: where it is. */
async function unpacked(archive?: string): Promise<string> {
  const image = archive ?? join(dir, 'turnstream-1.2.3.oci.tar');
  if (archive === undefined) await writeFile(image, 'layers');
  const { path, sha256 } = await packed(image, 'out');
  expect(sha256).toMatch(SUM);
  await run('tar', ['-xf', path, '-C', dir]);
  return join(dir, 'turnstream-1.2.3');
}

const packed = (archive: string, out: string) =>
  pack(
    {
      version: '1.2.3',
      images: [{ name: 'turnstream:1.2.3', archive }],
      missing: ['nats:2.15.2'],
      manifests: new Map([['edge.yaml', MANIFEST]]),
      files: [],
      epoch: 1_700_000_000,
    },
    join(dir, out),
  );

const install = (at: string, ...args: readonly string[]) => run(join(at, 'install.sh'), args);

it('is the same bytes when it is packed again, and has its checksum beside it', async () => {
  const image = join(dir, 'turnstream-1.2.3.oci.tar');
  await writeFile(image, 'layers');
  const first = await packed(image, 'first');
  const second = await packed(image, 'second');
  expect(second.sha256).toBe(first.sha256);
  expect(await readFile(`${first.path}.sha256`, 'utf8')).toBe(`${first.sha256}  turnstream-1.2.3.tar\n`);
});

it('verifies itself', async () => {
  expect((await install(await unpacked(), 'verify')).stdout).toBe('all as packed\n');
});

it.each([
  ['an image', 'images/turnstream-1.2.3.oci.tar'],
  ['a manifest', 'manifests/edge.yaml'],
  ['the list of images', 'images.txt'],
])('refuses to do anything where %s was changed', async (_what, file) => {
  const at = await unpacked();
  await appendFile(join(at, file), 'x');
  for (const args of [['verify'], ['print', 'edge'], ['load', 'folder', join(dir, 'oci')]]) {
    await expect(install(at, ...args)).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining('damaged') as string,
    });
  }
});

it('refuses what was added to it, and what is missing from it', async () => {
  const at = await unpacked();
  await writeFile(join(at, 'manifests', 'more.yaml'), '');
  await expect(install(at, 'verify')).rejects.toMatchObject({ stderr: expect.stringContaining('more.yaml') as string });
  await rm(join(at, 'manifests', 'more.yaml'));
  await rm(join(at, 'manifests', 'edge.yaml'));
  await expect(install(at, 'verify')).rejects.toMatchObject({ code: 1 });
});

it('prints manifests with images from the registry of the machine room, and says which images it lacks', async () => {
  const { stdout, stderr } = await install(await unpacked(), 'print', 'edge', 'registry.local:5000/ours');
  expect(stdout).toContain('    - image: registry.local:5000/ours/turnstream:1.2.3\n');
  expect(stdout).toContain('    - image: registry.local:5000/ours/nats:2.15.2\n');
  expect(stderr).toContain('nats:2.15.2');
  await expect(install(await unpacked(), 'print', 'moon')).rejects.toMatchObject({ code: 1 });
});

it.skipIf(!loads)('loads its images into a folder', async () => {
  if (typeof builder === 'string') return;
  const files = join(dir, 'files');
  for (const part of ['base', 'models', 'app', 'command'])
    await mkdir(join(files, `image-${part}`), { recursive: true });
  await writeFile(join(files, 'image-base/a'), 'a');
  const archive = join(dir, 'turnstream-1.2.3.oci.tar');
  const context = join(import.meta.dirname, '..');
  await builder.build({ context, files, name: 'turnstream:1.2.3', archive, epoch: 0, scratch: join(dir, 'scratch') });
  await install(await unpacked(archive), 'load', 'folder', join(dir, 'oci'));
  const { stdout } = await run('skopeo', ['inspect', '--config', `oci:${join(dir, 'oci')}:turnstream:1.2.3`]);
  expect(JSON.parse(stdout)).toMatchObject({ config: { User: '65532:65532', Entrypoint: ['/usr/bin/node'] } });
});
