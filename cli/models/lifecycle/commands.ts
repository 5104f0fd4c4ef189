import { InvalidArgumentError, Option, type Command } from 'commander';
import type { ShadowStart } from '../../../shared/models/shadow.ts';
import * as parse from '../../arguments.ts';
import type { CompareOptions } from './compare.ts';
import type { BotOptions, LogOptions } from './options.ts';
import type { PromoteOptions } from './promote.ts';
import { ruleOf, type Rule } from './rule.ts';
import type { ShadowCommandOptions } from './shadow.ts';

const json = () => new Option('--json', 'print JSON, for programs');
const nats = () => new Option('--nats <url>', 'nats-server to use (TURNSTREAM_NATS_URL)').argParser(parse.natsUrls);
const bot = () => new Option('--bot <name>', 'the bot').makeOptionMandatory();
const tenant = () => new Option('--tenant <name>', 'for this tenant alone').argParser(parse.tenantId);
const since = () => new Option('--since <time>', 'only what was said since then').argParser(timeOf);
const by = () => new Option('--by <name>', 'who says so (default: your user name)');
const reason = () => new Option('--reason <text>', 'why; stands in the history');

/** `turnstream models …` for the models that bots understand with. */
export function addLifecycle(models: Command): void {
  models
    .command('add')
    .argument('<file>', 'made by `turnstream bot train`')
    .description('store a model of your own, so that it can be tried out and promoted')
    .addOption(json())
    .addOption(nats())
    .action(async (file: string, options: LogOptions) => {
      const { addModel } = await import('./add.ts');
      await addModel(file, options);
    });
  models
    .command('list-versions')
    .description('list the models that a bot has understood with, and which one counts')
    .addOption(bot())
    .addOption(tenant())
    .addOption(json())
    .addOption(nats())
    .action(async (options: BotOptions) => {
      const { listVersions } = await import('./versions.ts');
      await listVersions(options);
    });
  models
    .command('shadow')
    .description('let a model answer beside the one that serves, where no customer sees it')
    .addOption(
      new Option('--model <hash>', 'the model, or how its hash begins').argParser(modelHash).makeOptionMandatory(),
    )
    .addOption(bot())
    .addOption(new Option('--from <where>', 'begin at a position, a time, or `everything`').argParser(startOf))
    .addOption(new Option('--once', 'end when everything that was said is answered'))
    .addOption(json())
    .addOption(nats())
    .addHelpText(
      'after',
      `
Examples:
  turnstream models shadow --model 3f0c2b --bot shop-helpdesk
  turnstream models shadow --model 3f0c2b --bot shop-helpdesk --from 2026-11-13 --once

Without --from it goes on where it stopped, or begins with what is said from now on.`,
    )
    .action(async (options: ShadowCommandOptions) => {
      const { shadowModel } = await import('./shadow.ts');
      await shadowModel(options);
    });
  models
    .command('compare')
    .argument('<a>', 'a model, or how its hash begins', modelHash)
    .argument('<b>', 'another', modelHash)
    .description('say where two models understood the same turns differently')
    .addOption(since())
    .addOption(json())
    .addOption(nats())
    .action(async (a: string, b: string, options: CompareOptions) => {
      const { compareModels } = await import('./compare.ts');
      await compareModels(a, b, options);
    });
  models
    .command('promote')
    .argument('<hash>', 'a stored model, or how its hash begins', modelHash)
    .description('let a bot understand with this model from now on')
    .addOption(bot())
    .addOption(tenant())
    .addOption(new Option('--canary <percent>', 'in this share of the sessions only').argParser(parse.whole(1, 99)))
    .addOption(new Option('--if <rule>', 'only if agreement, accuracy or turns are at least so').argParser(ruleList))
    .addOption(new Option('--test <file>', 'labelled examples that accuracy is measured on'))
    .addOption(since())
    .addOption(by())
    .addOption(reason())
    .addOption(json())
    .addOption(nats())
    .addHelpText(
      'after',
      `
Examples:
  turnstream models promote 3f0c2b --bot shop-helpdesk --canary 10
  turnstream models promote 3f0c2b --bot shop-helpdesk --if 'agreement>=0.98' --if 'turns>=500'
  turnstream models promote 3f0c2b --bot shop-helpdesk --if 'accuracy>=0.9' --test test.jsonl

Exit code 1: a rule does not hold; the numbers are told, and nothing has changed.`,
    )
    .action(async (hash: string, options: PromoteOptions) => {
      const { promoteModel } = await import('./promote.ts');
      process.exitCode = await promoteModel(hash, options);
    });
  models
    .command('rollback')
    .description('take the last promotion of a bot back')
    .addOption(bot())
    .addOption(tenant())
    .addOption(by())
    .addOption(reason())
    .addOption(json())
    .addOption(nats())
    .action(async (options: BotOptions) => {
      const { rollBack } = await import('./promote.ts');
      process.exitCode = await rollBack(options);
    });
}

function modelHash(text: string): string {
  if (/^[0-9a-f]{4,64}$/u.test(text)) return text;
  throw new InvalidArgumentError('A model is named by its hash: 4 to 64 hexadecimal digits.');
}

function timeOf(text: string): Date {
  const time = new Date(text);
  if (!Number.isNaN(time.getTime())) return time;
  throw new InvalidArgumentError('A time is like 2026-11-13 or 2026-11-13T08:00:00Z.');
}

function startOf(text: string): ShadowStart {
  if (text === 'everything' || text === 'now') return text;
  return /^\d{1,15}$/u.test(text) ? { position: Number(text) } : { time: timeOf(text) };
}

function ruleList(text: string, before: readonly Rule[] = []): readonly Rule[] {
  const rule = ruleOf(text);
  if (rule) return [...before, rule];
  throw new InvalidArgumentError("A rule is like 'agreement>=0.98', 'accuracy>=0.9' or 'turns>=500'.");
}
