import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';

/** A component as CycloneDX has it, as far as it is looked at here. */
interface Component {
  readonly 'bom-ref': string;
  readonly name: string;
}

interface Bom {
  readonly components: readonly Component[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn?: readonly string[] }[];
  readonly metadata: object;
}

/** What an image is made of, besides our own code. */
export interface Contents {
  /** Packages that some bundle holds a part of, or that come along as they are. */
  readonly packages: ReadonlySet<string>;
  /** Node and the libraries of the system: paths on this machine. */
  readonly files: readonly string[];
  /** The time that it says it was made at, in seconds. */
  readonly epoch: number;
}

/** The packages that the bundles in a folder hold a part of, by the maps of their sources. */
export async function bundledPackages(dist: string): Promise<ReadonlySet<string>> {
  const maps = (await readdir(dist)).filter((name) => name.endsWith('.map'));
  const sources = await Promise.all(
    maps.map(async (name) => (JSON.parse(await readFile(join(dist, name), 'utf8')) as { sources: string[] }).sources),
  );
  const names = sources.flat().map((path) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//u.exec(path)?.[1]);
  return new Set(names.filter((name) => name !== undefined));
}

/** The bill of materials in CycloneDX, the same bytes for the same contents. Needs `npm`. */
export async function billOfMaterials(root: string, { packages, files, epoch }: Contents): Promise<string> {
  const args = ['sbom', '--sbom-format', 'cyclonedx', '--omit', 'dev'];
  const { stdout } = await promisify(execFile)('npm', args, { cwd: root, maxBuffer: 1 << 26 });
  const { serialNumber: _, ...bom } = JSON.parse(stdout) as Bom & { readonly serialNumber: string };
  const components = bom.components.filter(({ name }) => packages.has(name));
  const refs = new Set(components.map((component) => component['bom-ref']));
  const system = await Promise.all(files.map(fileComponent));
  return `${JSON.stringify(
    {
      ...bom,
      metadata: { ...bom.metadata, timestamp: new Date(epoch * 1_000).toISOString() },
      components: [...components, ...system],
      dependencies: bom.dependencies
        .filter(({ ref }) => refs.has(ref))
        .map((d) => ({
          ...d,
          ...(d.dependsOn && { dependsOn: d.dependsOn.filter((ref) => refs.has(ref)) }),
        })),
    },
    undefined,
    2,
  )}\n`;
}

async function fileComponent(path: string): Promise<object> {
  const content = createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
  const isNode = basename(path) === 'node';
  return {
    'bom-ref': `file:${basename(path)}`,
    type: isNode ? 'application' : 'library',
    name: basename(path),
    ...(isNode && { version: process.versions.node, purl: `pkg:generic/node@${process.versions.node}` }),
    hashes: [{ alg: 'SHA-256', content }],
  };
}
