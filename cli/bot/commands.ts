import { Command, Option } from 'commander';
import * as parse from '../arguments.ts';
import type { CheckOptions } from './check.ts';
import type { DiffOptions } from './diff/diff.ts';
import type { EvaluateOptions } from './evaluate.ts';
import type { ImportOptions } from './import/import.ts';
import type { RecordOptions } from './record/record.ts';
import type { TestOptions } from './test/test.ts';
import type { TrainOptions } from './train.ts';

const seed = () =>
  new Option('--seed <number>', 'the same seed gives the same model')
    .default(1)
    .argParser(parse.whole(0, 2_147_483_647));
const json = () => new Option('--json', 'print JSON, for programs');
const WHAT = 'folder of a bot, or files: Rasa NLU .yml, .jsonl, .csv';

/** `turnstream bot`: what an author does with a bot. */
export function botCommand(): Command {
  const bot = new Command('bot')
    .description('make bots: import, check, test, compare, train, and find out how well they understand')
    .helpCommand(false);
  bot
    .command('check')
    .argument('<folder>', 'a bot, or a folder of bots')
    .description('say what is wrong with a bot, with file, line and column')
    .addOption(json())
    .addHelpText(
      'after',
      `
Examples:
  turnstream bot check bots/shop-helpdesk
  turnstream bot check bots --json

Exit code 1: something is wrong. Whatever is wrong is told at once.`,
    )
    .action(async (dir: string, options: CheckOptions) => {
      const { checkBots } = await import('./check.ts');
      process.exitCode = await checkBots(dir, options);
    });
  bot
    .command('test')
    .argument('[paths...]', 'bots, folders or files of tests, or file::name (default: the bot in this folder)')
    .description('talk with a bot as tests say, and tell where it answers otherwise')
    .addOption(new Option('--bot <folder>', 'the bot that the tests are for, where they are not in its folder'))
    .addOption(new Option('--filter <text>', 'only tests whose name contains this'))
    .addOption(new Option('--model <file>', 'understand with this model instead of training one'))
    .addOption(new Option('--fail-fast', 'stop at the first test that fails'))
    .addOption(new Option('--junit <file>', 'write the results for continuous integration'))
    .addOption(json())
    .addHelpText(
      'after',
      `
Examples:
  turnstream bot test bots/shop-helpdesk
  turnstream bot test bots --junit results.xml
  turnstream bot test bots/shop-helpdesk/tests/refunds.yml::"a refund is refused"

Tests are Rasa's test_cases (or its older stories) in the folder tests/ of a bot. They run in this process, on a log in
memory and a clock of their own: no platform, no network, no language model, and twice the same. Actions answer as
stub_custom_actions says, and cannot be reached where it says nothing. See bots/README.md for the format.

Exit code 1: a test failed, or a file is wrong. 2: there are no tests.`,
    )
    .action(async (paths: readonly string[], options: TestOptions) => {
      const { testBots } = await import('./test/test.ts');
      process.exitCode = await testBots(paths, options);
    });
  bot
    .command('diff')
    .argument('<before>', 'folder of a bot, or the hash of a published one')
    .argument('<after>', 'the other version')
    .description('say what changed between two versions of a bot, and which answers do')
    .addOption(
      new Option('--tests <paths...>', 'bots, folders or files of tests: both versions have their conversations'),
    )
    .addOption(json())
    .addOption(new Option('--nats <url>', 'nats-server to use (TURNSTREAM_NATS_URL)').argParser(parse.natsUrls))
    .addHelpText(
      'after',
      `
Examples:
  turnstream bot diff ../main/bots/shop-helpdesk bots/shop-helpdesk
  turnstream bot diff 3b0c8a11f4e29d5670c1b2a398d7e6f5 bots/shop-helpdesk --tests bots/shop-helpdesk --json

Exit code 1: they differ.`,
    )
    .action(async (before: string, after: string, options: DiffOptions) => {
      const { diffVersions } = await import('./diff/diff.ts');
      process.exitCode = await diffVersions(before, after, options);
    });
  bot
    .command('import')
    .argument('<from>', 'folder of a Rasa 3 project, or a .csv of questions and answers')
    .description('make a bot of what another system has')
    .addOption(new Option('--to <folder>', "the bot's new folder; its name is the bot's").makeOptionMandatory())
    .addOption(new Option('--locale <tag>', 'language of a .csv (default: en)').argParser(parse.localeTag))
    .addOption(json())
    .addHelpText(
      'after',
      `
Examples:
  turnstream bot import ../moodbot --to my-bots/moodbot
  turnstream bot import faq.csv --to my-bots/faq --locale zh
  turnstream up --bots my-bots

Of Rasa: domain, NLU data, rules, forms, flows, retrieval intents and tests; stories where an intent is always followed by
the same actions. What is changed, left out or not run is told with file, line and column.
A .csv has the columns question and answer, and if wanted variants (| between them), category and locale.

Exit code 1: the files were written and something in them is still wrong; it is told.`,
    )
    .action(async (from: string, options: ImportOptions) => {
      const { importBot } = await import('./import/import.ts');
      process.exitCode = await importBot(from, options);
    });
  bot
    .command('record')
    .argument('<session>', 'id of the session', parse.sessionId)
    .description('make a test of a session of a running platform')
    .addOption(new Option('--tenant <name>', 'whose session it is').argParser(parse.tenantId))
    .addOption(new Option('--name <text>', 'what the test is called (default: by the session)'))
    .addOption(new Option('--out <file>', 'where it goes; a file that is there is left alone (default: it is printed)'))
    .addOption(new Option('--as-is', 'replace nothing of what tells who the customer is'))
    .addOption(new Option('--nats <url>', 'nats-server to use (TURNSTREAM_NATS_URL)').argParser(parse.natsUrls))
    .addHelpText(
      'after',
      `
Examples:
  turnstream bot record 01JD3C5V8Y0000000000000000 --out bots/shop-helpdesk/tests/late-parcel.yml
  turnstream bot record 01JD3C5V8Y0000000000000000 --name "a late parcel"

What was said and done becomes steps; the intents, slots and responses that followed are what is expected; what actions
answered becomes stubs. Phone numbers, e-mail addresses, card and identity numbers and postal addresses are replaced by
others of their kind. Names of people and numbers of orders are not recognised: look the test through.`,
    )
    .action(async (session: ReturnType<typeof parse.sessionId>, options: RecordOptions) => {
      const { recordSession } = await import('./record/record.ts');
      await recordSession(session, options);
    });
  bot
    .command('train')
    .argument('<data...>', WHAT)
    .description('train a model for intents from examples')
    .addOption(new Option('--out <file>', 'where the model goes').default('intents.model'))
    .addOption(seed())
    .addOption(new Option('--out-of-scope <file>', 'examples of what the bot is not for'))
    .addOption(new Option('--net', 'train a small neural net beside the linear model: more accurate, takes minutes'))
    .addOption(
      new Option('--validation <file>', 'learn from these examples only how sure to be, and how much a net counts'),
    )
    .addOption(new Option('--onnx <file>', 'write the weights of the linear model as ONNX, too'))
    .addOption(json())
    .addHelpText(
      'after',
      `
Examples:
  turnstream bot train bots/shop-helpdesk --out shop.model
  turnstream bot train banking.csv --seed 7 --json
  turnstream bot train banking.csv --net

Without --net, the default, 10,000 examples take 15 seconds of one idle core. With it 500 take half a minute and 10,000 one
to two, and the few utterances that the linear model is not sure of cost more to understand. Try it where evaluate shows
room, mostly with few examples for each intent. The nets start from ones that have seen the sets named in
models/bot-start/README.md: a bot made of their examples needs --validation, or the nets are believed too much.

Exit code 1: the data has errors. They are told with file, line and column; warnings say what was repaired.`,
    )
    .action(async (data: readonly string[], options: TrainOptions) => {
      const { trainBot } = await import('./train.ts');
      process.exitCode = await trainBot(data, options);
    });
  bot
    .command('evaluate')
    .argument('[data...]', WHAT)
    .description('say how well a bot understands, by cross-validation or on a test file')
    .addOption(new Option('--folds <number>', 'parts of the cross-validation').default(5).argParser(parse.whole(2, 20)))
    .addOption(new Option('--net', 'train a net beside the linear model in each part, too: takes minutes each'))
    .addOption(new Option('--test <file>', 'judge these examples instead; unknown intents are out of scope'))
    .addOption(new Option('--model <file>', 'judge this model on --test instead of training one'))
    .addOption(new Option('--html <file>', 'write a page with a picture of what is confused'))
    .addOption(seed())
    .addOption(json())
    .addHelpText(
      'after',
      `
Examples:
  turnstream bot evaluate bots/shop-helpdesk --html report.html
  turnstream bot evaluate train.csv --test test.csv
  turnstream bot evaluate --model shop.model --test test.jsonl --json`,
    )
    .action(async (data: readonly string[], options: EvaluateOptions) => {
      const { evaluateBot } = await import('./evaluate.ts');
      process.exitCode = await evaluateBot(data, options);
    });
  return bot;
}
