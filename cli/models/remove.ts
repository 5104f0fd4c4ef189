import { removeModel } from '../../shared/encoder/store/home.ts';
import { print, printJson } from '../terminal.ts';
import { modelsConfig, type ModelsOptions } from './config.ts';

/** Takes models away. Answers the exit code: 1 where one was not there. */
export async function removeModels(names: readonly string[], options: ModelsOptions): Promise<number> {
  const { home } = modelsConfig(options);
  const models: { readonly name: string; readonly removed: boolean }[] = [];
  for (const name of names) models.push({ name, removed: await removeModel(home, name) });
  if (options.json) printJson({ models });
  else for (const { name, removed } of models) print(removed ? `${name} is gone` : `${name} was not there`);
  return models.every(({ removed }) => removed) ? 0 : 1;
}
