import { stat } from 'node:fs/promises';
import type { Capabilities } from '../../shared/encoder/encoder.ts';
import { expectedOf, folderOf, modelsIn, wrongFiles, type Expected } from '../../shared/encoder/store/home.ts';
import { readLocks, type Locks } from '../../shared/encoder/store/lock.ts';
import { PlatformError } from '../../shared/errors/index.ts';
import type { EngineCapabilities } from '../../shared/speech/engine.ts';
import { paint, print, printJson } from '../terminal.ts';
import { modelsConfig, type ModelsOptions } from './config.ts';
import { KNOWN, tryModel } from './known.ts';

/** What is said of one model. */
export type Checked = { readonly name: string } & (
  | { readonly good: true; readonly capabilities: Capabilities | EngineCapabilities }
  | { readonly good: false; readonly reason: string }
);

/**
 * Compares models with their checksums and runs them. Names are those of the folder of models; anything with a slash
 * is the path of a folder. Without names, all that are there. Answers the exit code: 1 where one is not good.
 */
export async function checkModels(names: readonly string[], options: ModelsOptions): Promise<number> {
  const { home } = modelsConfig(options);
  const locks = await readLocks(home);
  const all: Checked[] = [];
  for (const name of names.length > 0 ? names : await modelsIn(home)) {
    const checked = await check(name, home, locks);
    all.push(checked);
    if (!options.json) tell(checked);
  }
  if (options.json) printJson({ models: all });
  else if (all.length === 0) print(`There are no models in ${home}.`);
  return all.every(({ good }) => good) ? 0 : 1;
}

async function check(name: string, home: string, locks: Locks): Promise<Checked> {
  const path = /[/\\]/u.test(name);
  const dir = path ? name : folderOf(home, name);
  if (!(await stat(dir).catch(() => undefined))?.isDirectory())
    return { name, good: false, reason: `${dir} is no folder` };
  const wrong = await wrongFiles(dir, path ? [] : expectedFiles(name, locks));
  if (wrong.length > 0) return { name, good: false, reason: `not what was pulled: ${wrong.join(', ')}` };
  return tryModel(dir).then(
    (capabilities) => ({ name, good: true, capabilities }),
    (error: unknown) => {
      if (error instanceof PlatformError && error.code === 'model.invalid')
        return { name, good: false, reason: error.message };
      throw error;
    },
  );
}

function expectedFiles(name: string, locks: Locks): readonly Expected[] {
  const model = KNOWN.find((m) => m.name === name);
  if (model) return expectedOf(model, locks);
  return Object.entries(locks[name]?.files ?? {}).map(([path, file]) => ({ path, ...file }));
}

function tell(checked: Checked): void {
  if (!checked.good) {
    print(`${paint('red', '✗')} ${checked.name}: ${checked.reason}`);
    return;
  }
  print(`${paint('green', '✓')} ${checked.name}: ${described(checked.capabilities)}`);
}

function described(able: Capabilities | EngineCapabilities): string {
  if ('kind' in able) {
    return `${able.kind}, ${able.dimension} numbers, ${able.maxTokens} tokens, ${able.model.slice(0, 12)}`;
  }
  const { model, languages, rate, streaming } = able;
  const tongues = languages.length === 0 ? 'any language' : languages.join(' ');
  return `speech, ${tongues}, ${rate / 1_000} kHz, ${streaming ? 'streaming' : 'at the end'}, ${model}`;
}
