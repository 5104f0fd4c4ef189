import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { OVERLAYS, RELEASE, ROOT } from '../functions/manifest-files.ts';
import { runCommand } from '../shared/deploy/command.ts';
import { imageOf, readRelease } from '../shared/deploy/release.ts';
import { PlatformError } from '../shared/errors/index.ts';
import { buildImage } from './image.ts';
import { pack, type Packed } from './pack.ts';

const HELP = `npm run bundle -- [options]: packs what a machine room without internet needs

  --image FILE      our image as an OCI archive, where it was built before
  --with NAME=FILE  another image: nats:2.15.2=nats.oci.tar; any number of times
  --out DIR         where it is put; node_modules/.cache/turnstream-bundle`;

const run = promisify(execFile);
const IMAGE = /^\s*(?:- )?image: (\S+)$/gmu;

/** Our image, and what was made beside it. */
async function ourImage(
  image: string | undefined,
  folder: string,
  epoch: number,
): Promise<{ readonly archive: string; readonly files: readonly string[] }> {
  if (image !== undefined) return { archive: image, files: [] };
  const built = await buildImage({ process: 'turn', models: true, folder, epoch });
  if (typeof built === 'string') throw new PlatformError('image.no-builder', built, { retry: 'never' });
  return { archive: built.archive, files: [built.sbom] };
}

/** An image of others: as given, or from its registry; undefined where neither is possible. */
async function otherImage(
  name: string,
  given: ReadonlyMap<string, string>,
  folder: string,
): Promise<Packed | undefined> {
  const archive = given.get(name);
  if (archive !== undefined) return { name, archive };
  const path = join(folder, `${name.replaceAll(/[/:@]/gu, '-')}.oci.tar`);
  const fetched = run('skopeo', ['copy', `docker://${name}`, `oci-archive:${path}:${name}`], { timeout: 300_000 });
  return fetched.then(
    () => ({ name, archive: path }),
    () => undefined,
  );
}

async function bundle(): Promise<void> {
  const { values } = parseArgs({
    options: {
      image: { type: 'string' },
      with: { type: 'string', multiple: true, default: [] },
      out: { type: 'string', default: 'node_modules/.cache/turnstream-bundle' },
    },
  });
  const release = readRelease(await readFile(RELEASE, 'utf8'));
  const ours = imageOf(release, release);
  const epoch = Number(process.env['SOURCE_DATE_EPOCH'] ?? '0');
  const rendered = OVERLAYS.map(async (overlay) => {
    const { stdout } = await run('kubectl', ['kustomize', new URL(`knative/overlays/${overlay}`, ROOT).pathname]);
    return [`${overlay}.yaml`, stdout] as const;
  });
  const manifests = new Map(await Promise.all(rendered));
  const named = [...manifests.values()].flatMap((text) => [...text.matchAll(IMAGE)].map(([, name = '']) => name));
  const given = new Map(values.with.map((pair) => pair.split('=', 2) as [string, string]));
  const { archive, files } = await ourImage(values.image, values.out, epoch);
  const others = [...new Set(named)].filter((name) => name !== ours).sort();
  const found = await Promise.all(others.map((name) => otherImage(name, given, values.out)));
  const packed = found.filter((image) => image !== undefined);
  const missing = others.filter((name) => !packed.some((image) => image.name === name));
  const images = [{ name: ours, archive }, ...packed];
  const packedUp = await pack({ version: release.version, images, missing, manifests, files, epoch }, values.out);
  process.stdout.write(`${packedUp.path}\n${packedUp.sha256}\n`);
  if (missing.length > 0) {
    process.stderr.write(
      `not in it, since no registry gave them: ${missing.join(', ')}. Give them by --with NAME=FILE\n`,
    );
  }
}

await runCommand(HELP, bundle);
