import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { PlatformError } from '../shared/errors/index.ts';
import { readTenants, type Tenants } from '../shared/tenancy/tenants.ts';

/** The tenants that a YAML or JSON file names. Fails with `config.invalid` or `tenants.invalid` (never). */
export async function tenantsIn(path: string): Promise<Tenants> {
  let config: unknown;
  try {
    config = parse(await readFile(path, 'utf8'), { maxAliasCount: 0 });
  } catch (cause) {
    throw new PlatformError('config.invalid', `cannot read the tenants' file ${path}`, { retry: 'never', cause });
  }
  return readTenants(config);
}
