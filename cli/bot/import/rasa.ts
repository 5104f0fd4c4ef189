import { basename } from 'node:path';
import { stringify } from 'yaml';
import type { BotIssue } from '../../../shared/bot/error.ts';
import { importDomain } from './domain.ts';
import { notes as noteBook, type Notes } from './notes.ts';
import { importNlu } from './nlu.ts';
import {
  entriesOf,
  found,
  isRecord,
  isText,
  listOf,
  namedOf,
  type Found,
  type Project,
  type ProjectFile,
} from './project.ts';
import { fallbackResponse, importRules } from './rules.ts';
import { actionsIn, rulesOfStories } from './stories.ts';

/** Where Rasa's own configuration says nothing, an intent needs half of the certainty. */
const THRESHOLD = 0.5;
const MISSES = 3;
/** Components of which nothing is lost: this platform has its own. */
const REPLACED =
  /Tokenizer$|Featurizer$|^DIETClassifier$|^EntitySynonymMapper$|^RegexEntityExtractor$|^CRFEntityExtractor$|^ResponseSelector$|^FallbackClassifier$|^KeywordIntentClassifier$|^SklearnIntentClassifier$|^LogisticRegressionClassifier$|^SpacyNLP$|^NLUCommandAdapter$|^DucklingEntityExtractor$|^RulePolicy$|^MemoizationPolicy$|^TEDPolicy$|^FlowPolicy$/u;

/** The files of an imported bot by their paths, and what its author should know. */
export interface Imported {
  readonly files: ReadonlyMap<string, string>;
  readonly notes: readonly BotIssue[];
}

/** A Rasa 3 project as a bot of this platform. */
export function importRasa(project: Project, name: string): Imported {
  const notes = noteBook();
  const { files } = project;
  const config = files.find(({ path }) => basename(path, '.yml') === 'config')?.content ?? {};
  const language = isText(config['language']) ? config['language'] : 'en';
  tellPipeline(files, notes);
  const entities = new Map(
    entriesOf(files, 'entities').flatMap((at): readonly (readonly [string, Found])[] => {
      if (isText(at.value)) return [[at.value, at]];
      return isRecord(at.value) ? Object.entries(at.value).map(([key, value]) => [key, { ...at, value }] as const) : [];
    }),
  );
  const nlu = importNlu(files, entities, notes);
  const imported = importDomain(files, nlu, { actions: actionsIn(files), language }, notes);
  const domain = withFallback(imported.domain, files);
  const intents = new Set([...nlu.intents, ...listOf(domain['intents']).filter(isText)]);
  const slots = new Set(Object.keys(isRecord(domain['slots']) ? domain['slots'] : {}));
  const { responses, actions, forms } = imported;
  const derived = rulesOfStories(files, notes);
  const rules = importRules(files, { responses, actions, forms, intents, slots, derived }, notes);
  const flows = [...namedOf(files, 'flows')];
  for (const [flow, at] of flows) {
    if (isRecord(at.value) && at.value['nlu_trigger'] === undefined && !flow.startsWith('pattern_')) {
      notes.note(at, `nothing begins the flow ${flow} but link and call`, { hint: 'name its intent: nlu_trigger' });
    }
  }
  const bot = { name, locales: [language], threshold: thresholdOf(config), misses_before_handoff: MISSES };
  const all: (readonly [string, unknown])[] = [
    ['bot.yml', bot],
    ['domain.yml', domain],
    ['nlu/rasa.yml', { version: '3.1', nlu: nlu.entries }],
    ...(flows.length > 0 || rules.length === 0
      ? [
          [
            'flows.yml',
            { version: '3.1', flows: Object.fromEntries(flows.map(([id, { value }]) => [id, value])) },
          ] as const,
        ]
      : []),
    ...(rules.length > 0 ? [['rules.yml', { version: '3.1', rules }] as const] : []),
  ];
  const tests = project.tests.map(({ path, text }) => [`tests/${basename(path)}`, text] as const);
  return {
    files: new Map([...all.map(([path, content]) => [path, yaml(content)] as const), ...tests]),
    notes: [...project.issues, ...notes.all],
  };
}

/** Blocks stay blocks, and nothing is folded. */
export const yaml = (content: unknown): string => stringify(content, { lineWidth: 0, aliasDuplicateObjects: false });

function thresholdOf(config: Readonly<Record<string, unknown>>): number {
  const component = listOf(config['pipeline']).find((it) => isRecord(it) && it['name'] === 'FallbackClassifier');
  const threshold = isRecord(component) ? component['threshold'] : undefined;
  return typeof threshold === 'number' && threshold > 0 && threshold < 1 ? threshold : THRESHOLD;
}

/** What a rule says where nothing is understood is what the platform says then, and counts as a miss. */
function withFallback(
  domain: Readonly<Record<string, unknown>>,
  files: readonly ProjectFile[],
): Readonly<Record<string, unknown>> {
  const response = fallbackResponse(files);
  const responses = isRecord(domain['responses']) ? domain['responses'] : {};
  if (response === undefined || responses[response] === undefined || namedOf(files, 'responses').has('utter_default'))
    return domain;
  return { ...domain, responses: { ...responses, utter_default: responses[response] } };
}

function tellPipeline(files: readonly ProjectFile[], notes: Notes): void {
  for (const key of ['pipeline', 'policies']) {
    for (const at of entriesOf(files, key)) {
      const component = isRecord(at.value) ? at.value['name'] : at.value;
      if (!isText(component) || REPLACED.test(component)) continue;
      notes.note(at, `${component} is not run: a bot is trained and decided by the platform itself`);
    }
  }
  for (const key of ['e2e_actions', 'action_endpoint', 'tracker_store']) {
    for (const at of found(files, key)) notes.note(at, `${key} is not used here`);
  }
}
