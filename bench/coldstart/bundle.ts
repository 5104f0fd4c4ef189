import { readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';

const STATIC = /(?:^|[;}])\s*(?:import|export)\b[^;'"]*?["'](\.[^"']+)["']/gmu;

/** How many bytes Node reads for a bundle before it runs: the file and what it imports, not what it imports later. */
export async function bundleBytes(entry: string, seen = new Set<string>()): Promise<number> {
  if (seen.has(entry)) return 0;
  seen.add(entry);
  const [{ size }, text] = await Promise.all([stat(entry), readFile(entry, 'utf8')]);
  let bytes = size;
  for (const [, path = ''] of text.matchAll(STATIC)) bytes += await bundleBytes(join(dirname(entry), path), seen);
  return bytes;
}
