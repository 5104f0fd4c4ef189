import { readFile } from 'node:fs/promises';
import { PlatformError } from '../../../shared/errors/index.ts';
import { artefactsOn } from '../../../shared/models/artefacts.ts';
import { decodeModel } from '../../../shared/nlu/model/decode.ts';
import { withLog } from '../../connection.ts';
import { number, print, printJson } from '../../terminal.ts';
import type { LogOptions } from './options.ts';

/** `turnstream models add`: puts a model that was trained elsewhere into the store, once it was read and found whole. */
export async function addModel(file: string, options: LogOptions): Promise<void> {
  const bytes = await readFile(file).catch((cause: unknown) => {
    throw new PlatformError('model.missing', `there is no model ${file}`, { retry: 'never', cause });
  });
  const { intents } = decodeModel(bytes);
  const model = await withLog(options, ({ nc }) => artefactsOn(nc).put(bytes));
  if (options.json) printJson({ model, bytes: bytes.length, intents: intents.length });
  else print(`${model}: ${number(intents.length)} intents, ${(bytes.length / 1e6).toFixed(1)} MB`);
}
