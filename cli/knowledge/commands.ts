import { Command, InvalidArgumentError, Option } from 'commander';
import * as v from 'valibot';
import { ArticleId, BaseName } from '../../shared/knowledge/article.ts';
import * as parse from '../arguments.ts';
import { UsageError } from '../fault.ts';
import type { AddOptions } from './add.ts';
import type { ListOptions } from './list.ts';
import type { RemoveOptions } from './remove.ts';
import type { SearchOptions } from './search.ts';

const nameOf =
  <T>(schema: v.GenericSchema<unknown, T>, what: string) =>
  (value: string): T => {
    const parsed = v.safeParse(schema, value);
    if (parsed.success) return parsed.output;
    throw new InvalidArgumentError(`${what} is named in lower-case letters, digits and dashes.`);
  };
const baseName = nameOf(BaseName, 'A base');
const articleId = nameOf(ArticleId, 'An article');

const articleIds = (id: string, before?: readonly string[]): readonly string[] => [...(before ?? []), articleId(id)];

const base = () => new Option('--base <name>', 'the collection of articles').argParser(baseName);
const tenant = () =>
  new Option('--tenant <name>', 'whose articles they are').argParser(parse.tenantId).makeOptionMandatory();
const locale = (what: string) => new Option('--locale <tag>', what).argParser(parse.localeTag);
const json = () => new Option('--json', 'print JSON, for programs');
const nats = () => new Option('--nats <url>', 'nats-server to use (TURNSTREAM_NATS_URL)').argParser(parse.natsUrls);

/** `turnstream knowledge`: articles that bots answer from. */
export function knowledgeCommand(): Command {
  const knowledge = new Command('knowledge')
    .description('add, search, list and remove the articles that bots answer from')
    .helpCommand(false)
    .argument('[command]')
    .action((given?: string) => {
      const names = knowledge.commands.map((command) => command.name()).join(', ');
      throw new UsageError(
        given === undefined
          ? `a command is needed: ${names}`
          : `unknown command '${given}' of knowledge; there are ${names}`,
      );
    });
  knowledge
    .command('add')
    .argument('<paths...>', 'files or folders: .md, .html, .csv')
    .description('read articles and publish those that are new or changed')
    .addOption(base().makeOptionMandatory())
    .addOption(tenant())
    .addOption(locale('language of articles that do not say theirs'))
    .addOption(json())
    .addOption(nats())
    .addHelpText(
      'after',
      `
Examples:
  turnstream knowledge add bots/shop-helpdesk/knowledge --base shop --tenant demo
  turnstream knowledge add faq.csv --base shop --tenant demo --locale en

A Markdown or HTML file is one article, named by its file; YAML at the beginning of Markdown may give id, title,
locale and questions. A CSV file has the columns question, answer and, if wanted, id, locale and variants.
Exit code 1: something is wrong with a file; it is told with file and line, and nothing is published.`,
    )
    .action(async (paths: readonly string[], options: AddOptions) => {
      const { addArticles } = await import('./add.ts');
      process.exitCode = await addArticles(paths, options);
    });
  knowledge
    .command('search')
    .argument('<query>', 'what a customer would ask')
    .description('find the articles that answer a question')
    .addOption(base().makeOptionMandatory())
    .addOption(tenant())
    .addOption(locale('only articles in this language'))
    .addOption(new Option('--limit <number>', 'how many').default(3).argParser(parse.whole(1, 20)))
    .addOption(new Option('--words-only', 'compare words, and no vectors'))
    .addOption(new Option('--model <folder>', 'make vectors with this model instead of the small one that is shipped'))
    .addOption(json())
    .addOption(nats())
    .addHelpText(
      'after',
      `
Example:
  turnstream knowledge search "how long does a refund take" --base shop --tenant demo

Exit code 1: no article answers with enough certainty. The nearest ones are shown all the same.`,
    )
    .action(async (query: string, options: SearchOptions) => {
      const { searchArticles } = await import('./search.ts');
      process.exitCode = await searchArticles(query, options);
    });
  knowledge
    .command('list')
    .description('list the bases of a tenant, or the articles of one')
    .addOption(base())
    .addOption(tenant())
    .addOption(json())
    .addOption(nats())
    .action(async (options: ListOptions) => {
      const { listArticles } = await import('./list.ts');
      await listArticles(options);
    });
  knowledge
    .command('remove')
    .argument('<articles...>', 'ids of articles', articleIds)
    .description('withdraw articles; what was published stays in the log, so that old answers can be looked up')
    .addOption(base().makeOptionMandatory())
    .addOption(tenant())
    .addOption(locale('only in this language'))
    .addOption(json())
    .addOption(nats())
    .addHelpText('after', '\nExit code 1: an article was not there.')
    .action(async (ids: readonly string[], options: RemoveOptions) => {
      const { removeArticles } = await import('./remove.ts');
      process.exitCode = await removeArticles(ids, options);
    });
  return knowledge;
}
