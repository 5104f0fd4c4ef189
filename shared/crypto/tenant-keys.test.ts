import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ensureTenantKeys, readTenantKeys } from './tenant-keys.ts';

let dir: string;
let file: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'turnstream-keys-'));
  file = join(dir, 'tenant-keys.json');
});
afterEach(() => rm(dir, { recursive: true }));

it('makes a key for each tenant once, readable by its owner only', async () => {
  const made = await ensureTenantKeys(file, ['acme', 'globex']);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(made.get('acme')).toHaveLength(1);
  expect(made.get('acme')?.[0]?.key.symmetricKeySize).toBe(32);
  expect(made.get('acme')?.[0]?.id).not.toBe(made.get('globex')?.[0]?.id);
  expect(await ensureTenantKeys(file, ['acme', 'globex'])).toEqual(made);
  const more = await ensureTenantKeys(file, ['initech']);
  expect([...more.keys()]).toEqual(['acme', 'globex', 'initech']);
  expect(more.get('acme')).toEqual(made.get('acme'));
  expect(await readTenantKeys(file)).toEqual(more);
  expect(await readdir(dir)).toEqual(['tenant-keys.json']);
});

it.each([
  ['nothing', undefined, 'cannot be read'],
  ['no JSON', '{"acme": [', 'is not JSON'],
  ['no keys', '{"acme": []}', 'is wrong at acme'],
  ['a short key', '{"acme": ["00ff"]}', 'is wrong at acme'],
  ['a strange tenant', '{"../acme": []}', 'is wrong at'],
])('refuses a file with %s, without quoting it', async (_name, text, why) => {
  if (text !== undefined) await writeFile(file, text);
  const error = await readTenantKeys(file).catch((e: unknown) => e as Error);
  expect(error).toMatchObject({ code: 'config.invalid', retry: 'never' });
  expect((error as Error).message).toContain(why);
  expect((error as Error).message).not.toContain('00ff');
});

it('does not overwrite a damaged file with new keys', async () => {
  await writeFile(file, 'damaged');
  await expect(ensureTenantKeys(file, ['acme'])).rejects.toMatchObject({ code: 'config.invalid' });
  expect(await readFile(file, 'utf8')).toBe('damaged');
});
