import { PlatformError } from '../../shared/errors/index.ts';
import type { PinnedModel } from '../../shared/encoder/models.ts';
import { pullModel, type Pulled } from '../../shared/encoder/store/pull.ts';
import { sourceOf } from '../../shared/encoder/store/source.ts';
import { UsageError } from '../fault.ts';
import { progressBar } from '../progress.ts';
import { print, printJson } from '../terminal.ts';
import { modelsConfig, type ModelsOptions } from './config.ts';
import { KNOWN, tryModel } from './known.ts';

export interface PullOptions extends ModelsOptions {
  readonly mirror?: string;
  /** Only say what can be pulled. */
  readonly list?: boolean;
}

/** Fetches models by name, one after the other. An interrupt keeps what has come. */
export async function pullModels(
  names: readonly string[],
  options: PullOptions,
  models: readonly PinnedModel[] = KNOWN,
): Promise<void> {
  if (options.list) {
    const { listModels } = await import('./list.ts');
    return listModels(options);
  }
  const wanted = names.map((name) => modelNamed(name, models));
  if (wanted.length === 0) throw new UsageError(`a name is needed: ${namesOf(models)}`);
  const { home, mirror } = modelsConfig(options);
  const source = sourceOf(mirror);
  const stop = new AbortController();
  const interrupt = () => {
    stop.abort(new Error('stopped; what has come is kept, and the next pull goes on from there'));
  };
  process.once('SIGINT', interrupt);
  try {
    const results: (Pulled & { readonly name: string })[] = [];
    for (const model of wanted) {
      const bar = progressBar(`MB of ${model.name}`);
      const onProgress = (done: number, total: number) => {
        bar.show(total > 0 ? done / total : 0, Math.round(done / 1e6));
      };
      const pulled = await pullModel({ model, home, source, signal: stop.signal, onProgress, check: tryModel })
        .catch((error: unknown) => {
          throw unusable(error, model);
        })
        .finally(bar.done);
      results.push({ name: model.name, ...pulled });
      if (!options.json) tell(model, pulled);
    }
    if (options.json) printJson({ models: results });
  } finally {
    process.off('SIGINT', interrupt);
  }
}

function tell({ name }: PinnedModel, { outcome, dir, firstPinned }: Pulled): void {
  print(outcome === 'present' ? `${name} is here already, and right: ${dir}` : `${name} is here and works: ${dir}`);
  if (firstPinned.length > 0) {
    print(`  Nobody had told checksums of ${firstPinned.join(', ')}; models.lock.json now holds those of what came.`);
  }
}

/** Advice for models that were trained here would be wrong for one that was fetched. */
function unusable(error: unknown, { name }: PinnedModel): unknown {
  if (!(error instanceof PlatformError) || error.code !== 'model.invalid') return error;
  const message = `${name} came as it should, and cannot be used: ${error.message}`;
  return new PlatformError('models.unusable', message, { retry: 'never', cause: error });
}

function modelNamed(name: string, models: readonly PinnedModel[]): PinnedModel {
  const model = models.find((m) => m.name === name);
  if (!model) throw new UsageError(`no model is called '${name}'; there are ${namesOf(models)}`);
  return model;
}

const namesOf = (models: readonly PinnedModel[]) => models.map(({ name }) => name).join(', ');
