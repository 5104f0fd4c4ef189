import { readActions } from './actions-file.ts';
import { ActionsFile } from './actions-schema.ts';
import type { Bot } from './bot.ts';
import { canonicalBot } from './canonical.ts';
import type { BotIssue } from './error.ts';
import { readFlows } from './flows.ts';
import { readEntities } from './nlu-entities.ts';
import { withMarksOf } from './marks.ts';
import { readIntents } from './nlu-intents.ts';
import { readMigration } from './migrate.ts';
import { readNluLines } from './nlu-lines.ts';
import { readResponses } from './responses.ts';
import { FlowsFile } from './flow-schema.ts';
import { BotFile, DomainFile, entityNames, NluFile } from './schema.ts';
import { withRetrieval } from './retrieval.ts';
import { RulesFile } from './rules-schema.ts';
import { readSettings, settingWarnings } from './settings.ts';
import { readSlots } from './slots.ts';
import { parseSource, type Source } from './source.ts';
import { readShape, type Parsed, type Shape } from './strict.ts';
import { voiceIssues } from './voice-names.ts';

/** A file of a bot as it was found: what it is, how to call it in a complaint, and its text. */
export interface BotText {
  readonly kind: 'bot' | 'domain' | 'flows' | 'rules' | 'nlu' | 'actions';
  readonly file: string;
  readonly text: string;
}

/** What came of reading a bot. */
export interface Inspected {
  /** Absent where there are issues. */
  readonly bot?: Bot;
  readonly issues: readonly BotIssue[];
  /** What is understood and not run. */
  readonly warnings: readonly BotIssue[];
}

/** Where there are only rules. */
const NO_FLOWS = 'flows: {}';

/** `inspectBot` for whoever does not care about warnings. */
export function assembleBot(texts: readonly BotText[]): Bot | readonly BotIssue[] {
  const { bot, issues } = inspectBot(texts);
  return bot ?? issues;
}

/**
 * Makes a bot of the texts of its files, or says everything that is wrong with them. Names are looked up across files
 * once every file has its right shape; before that, half of the complaints would follow from the other half.
 */
export function inspectBot(texts: readonly BotText[]): Inspected {
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
  const [listed] = read('domain', DomainFile);
  const rules = read('rules', RulesFile);
  const written = texts.some(({ kind }) => kind === 'flows');
  const [flowsFile] = written || rules.length === 0 ? read('flows', FlowsFile) : [parsedAs(NO_FLOWS, FlowsFile)];
  const nluFiles = read('nlu', NluFile);
  const [actionsFile] = read('actions', ActionsFile);
  const complete = nluFiles.length === texts.filter(({ kind }) => kind === 'nlu').length;
  const unruly = rules.length < texts.filter(({ kind }) => kind === 'rules').length;
  if (!bot || !listed || !flowsFile || !complete || unruly) return { issues, warnings: [] };
  const domain = withRetrieval(listed, nluFiles);

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
  const flows = readFlows(flowsFile, rules, domain, slots.slots);
  const migration = readMigration(bot, domain.content);
  const settings = readSettings(bot.content, domain.content);
  const actions = actionsFile && readActions(actionsFile, domain, { ...settings, slots: slots.slots });
  for (const part of [...nlu, intents, entities, slots, responses, flows]) issues.push(...part.issues);
  issues.push(...migration.issues, ...(actions?.issues ?? []));
  issues.push(...voiceIssues(bot, responses.responses, slots.slots));
  const warnings = [...settingWarnings(bot), ...[slots, responses, flows].flatMap((part) => part.warnings)];
  if (issues.length > 0) return { issues, warnings };
  const made = canonicalBot({
    name,
    locales,
    intents: withMarksOf(entities.entities, intents.intents),
    entities: entities.entities,
    slots: slots.slots,
    flows: flows.flows,
    responses: responses.responses,
    settings,
    ...(migration.migrate && { migrate: migration.migrate }),
    ...(actions && { actions: actions.actions }),
  });
  return { bot: made, issues, warnings };
}

function parsedAs<T>(text: string, shape: Shape<T>): Parsed<T> | undefined {
  const source = parseSource('', text);
  return isSource(source) ? readShape(source, shape).parsed : undefined;
}

function isSource(read: Source | readonly BotIssue[]): read is Source {
  return 'value' in read;
}
