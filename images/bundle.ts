// Packs what a machine room without internet needs: `npm run bundle [-- --image FILE --with NAME=FILE --out FOLDER]`.

import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { OVERLAYS, RELEASE, ROOT } from '../functions/manifest-files.ts';
import { imageOf, readRelease } from '../shared/deploy/release.ts';
import { buildImage } from './image.ts';
import { pack, type Packed } from './pack.ts';

const run = promisify(execFile);
const IMAGE = /^\s*(?:- )?image: (\S+)$/gmu;

const { values } = parseArgs({
  options: {
    // Our own image as an archive in the OCI layout, where it was built before.
    image: { type: 'string' },
    // Another image: `nats:2.15.2=nats.oci.tar`.
    with: { type: 'string', multiple: true, default: [] },
    out: { type: 'string', default: 'node_modules/.cache/turnstream-bundle' },
  },
});

const release = readRelease(await readFile(RELEASE, 'utf8'));
const ours = imageOf(release, release);
const epoch = Number(process.env['SOURCE_DATE_EPOCH'] ?? '0');

async function ourImage(): Promise<{ readonly archive: string; readonly files: readonly string[] }> {
  if (values.image !== undefined) return { archive: values.image, files: [] };
  const built = await buildImage({ process: 'turn', models: true, folder: values.out, epoch });
  if (typeof built === 'string') throw new Error(built);
  return { archive: built.archive, files: [built.sbom] };
}

/** An image of others: as given, or from its registry; undefined where neither is possible. */
async function otherImage(name: string, given: ReadonlyMap<string, string>): Promise<Packed | undefined> {
  const archive = given.get(name);
  if (archive !== undefined) return { name, archive };
  const path = join(values.out, `${name.replaceAll(/[/:@]/gu, '-')}.oci.tar`);
  const fetched = run('skopeo', ['copy', `docker://${name}`, `oci-archive:${path}:${name}`], { timeout: 300_000 });
  return fetched.then(
    () => ({ name, archive: path }),
    () => undefined,
  );
}

const rendered = OVERLAYS.map(async (overlay) => {
  const { stdout } = await run('kubectl', ['kustomize', new URL(`knative/overlays/${overlay}`, ROOT).pathname]);
  return [`${overlay}.yaml`, stdout] as const;
});
const manifests = new Map(await Promise.all(rendered));
const named = [...manifests.values()].flatMap((text) => [...text.matchAll(IMAGE)].map(([, name = '']) => name));
const given = new Map(values.with.map((pair) => pair.split('=', 2) as [string, string]));
const { archive, files } = await ourImage();
const others = [...new Set(named)].filter((name) => name !== ours).sort();
const found = await Promise.all(others.map((name) => otherImage(name, given)));
const packed = found.filter((image) => image !== undefined);
const missing = others.filter((name) => !packed.some((image) => image.name === name));
const images = [{ name: ours, archive }, ...packed];
const bundle = await pack({ version: release.version, images, missing, manifests, files, epoch }, values.out);
process.stdout.write(`${bundle.path}\n${bundle.sha256}\n`);
if (missing.length > 0) {
  process.stderr.write(
    `not in it, since no registry gave them: ${missing.join(', ')}. Give them by --with NAME=FILE\n`,
  );
}
