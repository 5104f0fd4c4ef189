import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { PlatformError } from '../../errors/index.ts';
import { replaceFile } from '../../files/replace.ts';

const Locked = v.object({
  repository: v.string(),
  revision: v.string(),
  files: v.record(v.string(), v.object({ bytes: v.number(), sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/u)) })),
});
const LockFile = v.object({ version: v.literal(1), models: v.record(v.string(), Locked) });

/** What was pulled, file by file: later pulls and checks hold it to that. */
export type Locked = v.InferOutput<typeof Locked>;
export type Locks = Readonly<Record<string, Locked>>;

const FILE = 'models.lock.json';

/** Reads `models.lock.json` of a models folder. Fails with `config.invalid` when it is damaged. */
export async function readLocks(home: string): Promise<Locks> {
  const file = join(home, FILE);
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return {};
  try {
    return v.parse(LockFile, JSON.parse(text)).models;
  } catch (cause) {
    throw new PlatformError('config.invalid', `${file} is damaged`, { retry: 'never', cause });
  }
}

/** Changes one model's entry; undefined takes it out. Readers see the file before or after, never half of it. */
export async function writeLock(home: string, name: string, locked: Locked | undefined): Promise<void> {
  const { [name]: _, ...others } = await readLocks(home);
  const models = { ...others, ...(locked && { [name]: locked }) };
  await replaceFile(join(home, FILE), `${JSON.stringify({ version: 1, models }, undefined, 2)}\n`);
}
