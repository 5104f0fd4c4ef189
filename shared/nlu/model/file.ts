import { readFile, stat } from 'node:fs/promises';
import { PlatformError } from '../../errors/index.ts';
import { replaceFile } from '../../files/replace.ts';
import { decodeModel, LARGEST_MODEL } from './decode.ts';
import { encodeModel } from './encode.ts';
import type { IntentModel } from './intent-model.ts';

/** Writes a model to a file, whole or not at all. Returns the size in bytes. Throws `model.unwritable`. */
export async function writeModel(path: string, model: IntentModel): Promise<number> {
  const bytes = encodeModel(model);
  await writeWhole(path, bytes);
  return bytes.length;
}

/** Writes bytes to a file, whole or not at all. Throws `model.unwritable` where that cannot be done. */
export async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  await replaceFile(path, bytes).catch((cause: unknown) => {
    throw new PlatformError('model.unwritable', `cannot write ${path}`, { retry: 'later', cause });
  });
}

/** Reads a model from a file. Throws `model.missing` or `model.invalid`, with the reason in words. */
export async function readModel(path: string): Promise<IntentModel> {
  const info = await stat(path).catch(() => undefined);
  if (!info) throw new PlatformError('model.missing', `there is no model ${path}`, { retry: 'never' });
  if (!info.isFile() || info.size > LARGEST_MODEL) {
    throw new PlatformError('model.invalid', `${path} is no model: not a file, or larger than 256 MB`, {
      retry: 'never',
    });
  }
  return decodeModel(await readFile(path));
}
