/** Where a module of this folder is that is started or loaded by its address: beside the sources, or in a bundle. */
export function entryOf(name: 'probe' | 'worker' | 'onnx-runtime'): URL {
  return new URL(import.meta.url.endsWith('.ts') ? `./${name}.ts` : `./encoder-${name}.js`, import.meta.url);
}
