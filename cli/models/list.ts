import type { PinnedModel } from '../../shared/encoder/models.ts';
import { bytesOf, expectedOf, folderOf, modelsIn } from '../../shared/encoder/store/home.ts';
import { readLocks, type Locks } from '../../shared/encoder/store/lock.ts';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { columns, number, paint, print, printJson } from '../terminal.ts';
import { modelsConfig, type ModelsOptions } from './config.ts';
import { KNOWN } from './known.ts';

/** A model that can be pulled, or that lies in the folder of models. */
export interface ListedModel {
  readonly name: string;
  readonly state: 'here' | 'incomplete' | 'not pulled' | 'your own';
  readonly kind?: PinnedModel['kind'];
  readonly bytes: number;
  readonly licence?: string;
  readonly about?: string;
  /** Whether every checksum is in the list; otherwise the first pull pins what it gets. */
  readonly pinned?: boolean;
}

/** Prints what can be pulled and what is here. Looks at names and sizes only; `check` looks at the content. */
export async function listModels(options: ModelsOptions): Promise<void> {
  const { home } = modelsConfig(options);
  const models = await listed(home);
  if (options.json) {
    printJson({ dir: home, models });
    return;
  }
  const rows = models.map((m) => [m.name, m.state, m.kind ?? '', megabytes(m.bytes), m.licence ?? '', m.about ?? '']);
  const [head = '', ...lines] = columns([['NAME', 'STATE', 'KIND', 'SIZE', 'LICENCE', 'WHAT'], ...rows]);
  print(paint('bold', head));
  lines.forEach((line) => {
    print(line);
  });
  print();
  print(`In ${home}. Fetch one with \`turnstream models pull NAME\`.`);
}

/** What `list` prints. */
export async function listed(home: string, models: readonly PinnedModel[] = KNOWN): Promise<readonly ListedModel[]> {
  const here = await modelsIn(home);
  const locks = await readLocks(home);
  const known = models.map(async (model) => ({
    name: model.name,
    state: here.includes(model.name) ? await stateOf(home, model, locks) : ('not pulled' as const),
    kind: model.kind,
    bytes: model.files.reduce((sum, { bytes = 0 }) => sum + bytes, 0),
    licence: model.licence,
    about: model.about,
    pinned: model.files.every(({ sha256 }) => sha256 !== undefined),
  }));
  const own = here.filter((name) => !models.some((model) => model.name === name));
  return Promise.all([
    ...known,
    ...own.map(async (name) => ({ name, state: 'your own' as const, bytes: await bytesOf(folderOf(home, name)) })),
  ]);
}

async function stateOf(home: string, model: PinnedModel, locks: Locks): Promise<'here' | 'incomplete'> {
  for (const { path, bytes } of expectedOf(model, locks)) {
    const found = await stat(join(folderOf(home, model.name), path)).catch(() => undefined);
    if (!found || (bytes !== undefined && found.size !== bytes)) return 'incomplete';
  }
  return 'here';
}

const megabytes = (bytes: number) => (bytes > 0 ? `${number(Math.max(1, Math.round(bytes / 1e6)))} MB` : '');
