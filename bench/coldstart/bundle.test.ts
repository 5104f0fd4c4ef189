import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { bundleBytes } from './bundle.ts';

it('a bundle is the file and what it imports at once, each counted once', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'turnstream-bundle-'));
  const write = async (name: string, text: string) => {
    await writeFile(join(dir, name), text);
    return text.length;
  };
  const sizes = await Promise.all([
    write(
      'main.js',
      'import{a}from"./a.js";\nimport {\n  b\n} from "./b.js";\nimport "node:fs";\nvoid import("./late.js");',
    ),
    write('a.js', 'import "./b.js";\nexport const a = 1;'),
    write('b.js', 'export const b = 2;'),
  ]);
  await write('late.js', 'export const late = 3;');
  expect(await bundleBytes(join(dir, 'main.js'))).toBe(sizes.reduce((sum, size) => sum + size, 0));
  await rm(dir, { recursive: true });
});
