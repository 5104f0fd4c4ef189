import { fileURLToPath } from 'node:url';
import type { EntityRule } from '../../shared/bot/bot.ts';
import { readTrainingData } from '../../shared/nlu/data/read.ts';
import { entityExtractor } from '../../shared/nlu/entities/extractor.ts';
import type { Dimension } from '../../shared/nlu/entities/builtin/dimensions.ts';
import { encodeTagger } from '../../shared/nlu/tagger/encode.ts';
import { extractorTagger } from '../../shared/nlu/tagger/for-extractor.ts';
import { trainTagger } from '../../shared/nlu/tagger/tagger.ts';

const FOLDER = fileURLToPath(new URL('../../training/data/helpdesk/en', import.meta.url));
const BUILT_IN: Readonly<Record<string, Dimension>> = { date: 'date', time: 'time', amount: 'money', phone: 'phone' };
const PATTERNS: Readonly<Record<string, string>> = {
  order_number: String.raw`\b[A-Z]{2}\d{6,16}\b`,
  tracking_number: String.raw`\b[A-Z]{2}\d{8,12}\b`,
};

/** The entities of a help desk, ready to be found, and how large what was learned is. */
export interface HelpDeskEntities {
  readonly find: (text: string) => unknown;
  readonly bytes: number;
}

/**
 * The fifteen entities of the helpdesk set, as a bot's author would declare them: four built in, two by pattern, nine
 * learned from its English training part.
 */
export async function helpDeskEntities(): Promise<HelpDeskEntities> {
  const { examples } = await readTrainingData([FOLDER]);
  const names = new Set(examples.flatMap(({ entities }) => entities.map(({ entity }) => entity)));
  const learned = new Set([...names].filter((name) => !(name in BUILT_IN) && !(name in PATTERNS)));
  const tagger = trainTagger(
    examples.map(({ text, entities }) => ({ text, entities: entities.filter(({ entity }) => learned.has(entity)) })),
    { seed: 1 },
  );
  const rules = [...names].map((name): EntityRule => {
    const dimension = BUILT_IN[name];
    const pattern = PATTERNS[name];
    return {
      name,
      words: [],
      patterns: pattern === undefined ? [] : [pattern],
      ...(dimension && { dimension }),
      ...(learned.has(name) && { learned: true }),
    };
  });
  const bot = { hash: 'bench', entities: rules, settings: {} };
  const { extract } = await entityExtractor(bot, extractorTagger(tagger.model, 'tagger'));
  const circumstances = { locale: 'en', said: new Date() };
  return { find: (text) => extract(text, circumstances), bytes: encodeTagger(tagger.model).length };
}
