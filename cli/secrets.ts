import { hash, randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { PlatformError } from '../shared/errors/index.ts';

const Secrets = v.strictObject({
  sessionKey: v.string(),
  /** Passwords of the broker's users, by name. */
  passwords: v.record(v.string(), v.string()),
  /** API keys of the tenants that a development platform has. */
  apiKeys: v.record(v.string(), v.string()),
});
export type Secrets = v.InferOutput<typeof Secrets>;

/** What a platform on one machine needs to keep to itself: made on the first start, readable by its owner only. */
export async function secretsIn(dir: string, users: readonly string[], tenants: readonly string[]): Promise<Secrets> {
  const file = join(dir, 'secrets.json');
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const kept = await readFile(file, 'utf8').then(
    (text) => parse(file, text),
    () => undefined,
  );
  const random = () => randomBytes(24).toString('base64url');
  const secrets: Secrets = {
    sessionKey: kept?.sessionKey ?? random() + random(),
    passwords: Object.fromEntries(users.map((user) => [user, kept?.passwords[user] ?? random()])),
    apiKeys: Object.fromEntries(tenants.map((t) => [t, kept?.apiKeys[t] ?? `ts_${t}_${random()}`])),
  };
  await writeFile(file, `${JSON.stringify(secrets, undefined, 2)}\n`, { mode: 0o600 });
  return secrets;
}

/** API keys are kept as hashes wherever they are compared. */
export const keyHash = (key: string): string => hash('sha256', key);

function parse(file: string, text: string): Secrets {
  try {
    return v.parse(Secrets, JSON.parse(text));
  } catch (cause) {
    const message = `${file} is damaged; mend it, or delete the folder to start empty`;
    throw new PlatformError('config.invalid', message, { retry: 'never', cause });
  }
}
