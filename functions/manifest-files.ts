import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { format, resolveConfig } from 'prettier';
import { parseAllDocuments } from 'yaml';
import { differences, type Built } from '../shared/deploy/differences.ts';
import type { Manifest } from '../shared/deploy/objects.ts';
import { readRelease } from '../shared/deploy/release.ts';
import { render, type Files } from '../shared/deploy/render.ts';
import { processes, roles, shadow } from './deployments.ts';

/** The root of the repository: paths of files are relative to it. */
export const ROOT = new URL('../', import.meta.url);
/** What runs, as people write it down. */
export const RELEASE = new URL('knative/release.yml', ROOT);
/** The page that tells in what environments differ. */
export const README = 'knative/README.md';
const GENERATED = ['knative/base', 'knative/components', 'knative/keda', 'knative/openfaas', 'knative/parts'];
/** The environments, from the smallest to the one that counts. */
export const OVERLAYS = ['dev', 'test', 'staging', 'prod', 'edge'] as const;

/** The generated files as they should be. Fails with `deploy.invalid` (never) where something cannot be rendered. */
export const wantedManifests = async (): Promise<Files> =>
  render({ release: readRelease(await readFile(RELEASE, 'utf8')), processes, roles, shadow });

/** The files below some folders as they are. */
async function filesIn(folders: readonly string[], root = ROOT): Promise<Files> {
  const listed = await Promise.all(
    folders.map(async (folder) => {
      const entries = await readdir(new URL(folder, root), { recursive: true, withFileTypes: true }).catch(() => []);
      return entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => `${parentPath}/${name}`);
    }),
  );
  const paths = listed.flat().map((path) => path.slice(root.pathname.length));
  return readAll([...paths, 'stack.yml'], root);
}

/** The generated files as they are. */
export const manifestsThere = (): Promise<Files> => filesIn(GENERATED);

/** Everything that an overlay amounts to, or undefined where there is no kubectl. */
export async function build(folder: string): Promise<readonly Manifest[] | undefined> {
  try {
    const { stdout } = await promisify(execFile)('kubectl', ['kustomize', new URL(folder, ROOT).pathname]);
    return parseAllDocuments(stdout).map((document) => document.toJS() as Manifest);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** The page of differences as it should be, or undefined where there is no kubectl to build the overlays. */
export async function wantedReadme(text: string): Promise<string | undefined> {
  const builds: Built[] = [];
  for (const overlay of OVERLAYS) {
    const objects = await build(`knative/overlays/${overlay}`);
    if (!objects) return undefined;
    builds.push({ overlay, objects });
  }
  const [begin, end] = ['<!-- generated: differences -->', '<!-- end generated -->'];
  const from = text.indexOf(begin) + begin.length;
  const to = text.indexOf(end, from);
  if (from < begin.length || to < 0) throw new Error(`${README} has no part "differences"`);
  const filled = `${text.slice(0, from)}\n\n${differences(builds)}\n\n${text.slice(to)}`;
  return format(filled, { ...(await resolveConfig(new URL(README, ROOT))), parser: 'markdown' });
}

async function readAll(paths: readonly string[], root: URL): Promise<Files> {
  const texts = await Promise.all(
    paths.map(async (path) => [path, await readFile(new URL(path, root), 'utf8').catch(() => undefined)] as const),
  );
  return new Map(texts.flatMap(([path, text]) => (text === undefined ? [] : [[path, text] as const])));
}

/** Every file that holds manifests, those that people write included. */
export const manifestFiles = async (): Promise<Files> =>
  new Map([...(await filesIn(['knative']))].filter(([path]) => /\.ya?ml$/u.test(path)));
