import { readActions } from './actions-file.ts';
import { ActionsFile } from './actions-schema.ts';
import type { Bot } from './bot.ts';
import { canonicalBot } from './canonical.ts';
import type { BotIssue } from './error.ts';
import { readFlows } from './flows.ts';
import { readEntities } from './nlu-entities.ts';
import { readIntents } from './nlu-intents.ts';
import { readNluLines } from './nlu-lines.ts';
import { readResponses } from './responses.ts';
import { FlowsFile } from './flow-schema.ts';
import { BotFile, DomainFile, entityNames, NluFile } from './schema.ts';
import { readSettings } from './settings.ts';
import { readSlots } from './slots.ts';
import { parseSource, type Source } from './source.ts';
import { readShape, type Parsed, type Shape } from './strict.ts';

/** A file of a bot as it was found: what it is, how to call it in a complaint, and its text. */
export interface BotText {
  readonly kind: 'bot' | 'domain' | 'flows' | 'nlu' | 'actions';
  readonly file: string;
  readonly text: string;
}

/**
 * Makes a bot of the texts of its files, or says everything that is wrong with them. Names are looked up across files
 * once every file has its right shape; before that, half of the complaints would follow from the other half.
 */
export function assembleBot(texts: readonly BotText[]): Bot | readonly BotIssue[] {
  const issues: BotIssue[] = [];
  const read = <T>(kind: BotText['kind'], shape: Shape<T>): readonly Parsed<T>[] =>
    texts
      .filter((text) => text.kind === kind)
      .flatMap(({ file, text }) => {
        const source = parseSource(file, text);
        if (!isSource(source)) {
          issues.push(...source);
          return [];
        }
        const { parsed, issues: found } = readShape(source, shape);
        issues.push(...found);
        return parsed ? [parsed] : [];
      });
  const [bot] = read('bot', BotFile);
  const [domain] = read('domain', DomainFile);
  const [flowsFile] = read('flows', FlowsFile);
  const nluFiles = read('nlu', NluFile);
  const [actionsFile] = read('actions', ActionsFile);
  const complete = nluFiles.length === texts.filter(({ kind }) => kind === 'nlu').length;
  if (!bot || !domain || !flowsFile || !complete) return issues;

  const { locales, name } = bot.content;
  const declared = {
    intents: new Set(domain.content.intents),
    entities: new Set(entityNames(domain.content)),
    locales,
  };
  const nlu = nluFiles.map((file) => readNluLines(file, declared));
  const lines = nlu.flatMap((it) => it.lines);
  const intents = readIntents(lines, declared, domain);
  const entities = readEntities(lines, intents.words, domain);
  const responses = readResponses(domain, locales);
  const slots = readSlots(domain);
  const flows = readFlows(flowsFile, domain, slots.slots);
  const settings = readSettings(bot.content, domain.content);
  const actions = actionsFile && readActions(actionsFile, domain, { ...settings, slots: slots.slots });
  for (const part of [...nlu, intents, entities, slots, responses, flows]) issues.push(...part.issues);
  issues.push(...(actions?.issues ?? []));
  if (issues.length > 0) return issues;
  return canonicalBot({
    name,
    locales,
    intents: intents.intents,
    entities: entities.entities,
    slots: slots.slots,
    flows: flows.flows,
    responses: responses.responses,
    settings,
    ...(actions && { actions: actions.actions }),
  });
}

function isSource(read: Source | readonly BotIssue[]): read is Source {
  return 'value' in read;
}
