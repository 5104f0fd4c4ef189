import { cp, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Of each package that is not in the bundles: what runs, without sources, types, installers and other platforms. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  'onnxruntime-node': ['package.json', 'dist', `bin/napi-v6/${process.platform}/${process.arch}`],
  'onnxruntime-common': ['package.json', 'dist/cjs', 'dist/esm'],
  '@xenova/transformers': ['package.json', 'LICENSE', 'src'],
  '@huggingface/jinja': ['package.json', 'dist/index.js', 'dist/index.cjs'],
};

/** The names of the packages that come along as they are. */
export const MODEL_PACKAGES: readonly string[] = Object.keys(PACKAGES);

const runs = (path: string): boolean => !/\.(?:map|d\.[cm]?ts|md)$|\.min\.js$/u.test(path);

/** The runtime of models: the packages that cannot be bundled. Returns the paths of their native code. */
export async function layModels(out: string, modules: string): Promise<readonly string[]> {
  for (const [name, parts] of Object.entries(PACKAGES)) {
    for (const part of parts) {
      const to = join(out, 'node_modules', name, part);
      await mkdir(join(to, '..'), { recursive: true });
      await cp(join(modules, name, part), to, { recursive: true, filter: runs });
    }
  }
  const native = join(modules, 'onnxruntime-node/bin/napi-v6', process.platform, process.arch);
  return (await readdir(native)).sort().map((file) => join(native, file));
}
