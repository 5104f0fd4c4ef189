import { Command, InvalidArgumentError, Option } from 'commander';
import { UsageError } from '../fault.ts';
import type { ModelsOptions } from './config.ts';
import { addLifecycle } from './lifecycle/commands.ts';
import type { PullOptions } from './pull.ts';

const json = () => new Option('--json', 'print JSON, for programs');
const dir = () =>
  new Option('--dir <path>', 'where models are kept (TURNSTREAM_MODELS_DIR; default: the user’s cache)');

/** Names of folders: nothing that leads out of where models are kept. */
const modelName = (name: string, before: readonly string[] = []): readonly string[] => {
  if (/^[a-z0-9][a-z0-9._-]{0,127}$/iu.test(name)) return [...before, name];
  throw new InvalidArgumentError('A model is named in letters, digits, dots and dashes.');
};

/** `turnstream models`: models of others, for embeddings, labels and reranking. */
export function modelsCommand(): Command {
  const models = new Command('models')
    .description('models of others: pull, list, check, remove; models of your bots: all the rest')
    .helpCommand(false)
    .argument('[command]')
    .action((given?: string) => {
      const names = models.commands.map((command) => command.name()).join(', ');
      throw new UsageError(
        given === undefined
          ? `a command is needed: ${names}`
          : `unknown command '${given}' of models; there are ${names}`,
      );
    });
  models
    .command('pull')
    .argument('[names...]', 'models of the pinned list', modelName)
    .description('fetch models, check them against their checksums, and run them once')
    .addOption(new Option('--list', 'only say which there are'))
    .addOption(new Option('--mirror <url>', 'fetch from here: https://, http:// or file:// (TURNSTREAM_MODELS_MIRROR)'))
    .addOption(dir())
    .addOption(json())
    .addHelpText(
      'after',
      `
Examples:
  turnstream models pull --list
  turnstream models pull bge-small-zh-v1.5
  turnstream models pull bge-small-en-v1.5 --mirror https://mirror.example.com
  turnstream models pull bge-small-en-v1.5 --mirror file:///media/usb/models

The list pins a commit, sizes and SHA-256 of every file. They were taken from public sources that agree, and
bytes that differ are refused. A file that the list has no checksum of is pinned by its first pull, in
models.lock.json beside the models, and held to that afterwards: trust in whoever was asked first.
What was interrupted goes on where it stopped. A mirror has the hub's addresses; a folder holds NAME/FILES.`,
    )
    .action(async (names: readonly string[], options: PullOptions) => {
      const { pullModels } = await import('./pull.ts');
      await pullModels(names, options);
    });
  models
    .command('list')
    .description('list what can be fetched and what is here')
    .addOption(dir())
    .addOption(json())
    .action(async (options: ModelsOptions) => {
      const { listModels } = await import('./list.ts');
      await listModels(options);
    });
  models
    .command('check')
    .argument('[names...]', 'models that are here, or paths of folders; without any, all that are here')
    .description('compare models with their checksums, and run them in a process of their own')
    .addOption(dir())
    .addOption(json())
    .addHelpText(
      'after',
      `
Examples:
  turnstream models check
  turnstream models check ./my-model --json

A folder of your own is in the Hugging Face layout: config.json, tokenizer.json, tokenizer_config.json and
onnx/model.onnx or onnx/model_quantized.onnx. 1_Pooling/config.json says how vectors are made; without it, the mean.
Exit code 1: a model is not good; the file that is to blame is named.`,
    )
    .action(async (names: readonly string[], options: ModelsOptions) => {
      const { checkModels } = await import('./check.ts');
      process.exitCode = await checkModels(names, options);
    });
  models
    .command('remove')
    .argument('<names...>', 'models that are here', modelName)
    .description('take models away')
    .addOption(dir())
    .addOption(json())
    .action(async (names: readonly string[], options: ModelsOptions) => {
      const { removeModels } = await import('./remove.ts');
      process.exitCode = await removeModels(names, options);
    });
  addLifecycle(models);
  return models;
}
