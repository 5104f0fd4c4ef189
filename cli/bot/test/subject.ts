import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { TenantId } from '../../../events/envelope.ts';
import type { Extraction } from '../../../functions/entity/handler.ts';
import { entityPorts } from '../../../functions/entity/model.ts';
import type { Understanding } from '../../../functions/intent/handler.ts';
import { trainedClassifier } from '../../../functions/intent/trained.ts';
import type { Searching } from '../../../functions/knowledge/handler.ts';
import { searching } from '../../../functions/knowledge/model.ts';
import type { Bot } from '../../../shared/bot/bot.ts';
import { PlatformError } from '../../../shared/errors/index.ts';
import type { BaseName } from '../../../shared/knowledge/article.ts';
import { issueText } from '../../../shared/knowledge/ingest/issue.ts';
import { memoryKnowledge } from '../../../shared/knowledge/memory.ts';
import { examplesOf } from '../../../shared/models/publish.ts';
import { SEED } from '../../../shared/models/seed.ts';
import { trainAside } from '../../../shared/nlu/model/train-aside.ts';
import { articlesIn, filesAt } from '../../knowledge/files.ts';

/** Whose conversations tests are. */
export const TENANT = 'test' as TenantId;
const BASE = 'bot' as BaseName;

/** A bot that can be talked with in this process: its model is trained, its articles are read. */
export interface Subject {
  readonly bot: Bot;
  readonly ports: Understanding & Extraction & Searching;
}

/**
 * Makes a bot ready to be talked with, as a platform would: the model is trained on its examples, unless one is given,
 * and questions are answered from the folder `knowledge/` beside its files.
 * Fails with `knowledge.invalid` where an article cannot be read.
 */
export async function subjectOf(
  bot: Bot,
  dir: string,
  options: { readonly model?: Uint8Array; readonly onProgress?: (part: number) => void } = {},
): Promise<Subject> {
  const { model, onProgress } = options;
  const examples = examplesOf(bot);
  const bytes = model ?? (await trainAside(examples, { seed: SEED, ...(onProgress && { onProgress }) }));
  const classifier = trainedClassifier(bot, bytes);
  const intents = new Set(bot.intents.map(({ name }) => name));
  const understanding = { classifier, threshold: bot.settings.threshold, intents };
  const extraction = entityPorts(() => Promise.resolve(bot), { waits: true });
  // The first message is not to wait for what every later one finds ready.
  await extraction.entitiesOf(bot.hash);
  return {
    bot,
    ports: {
      ...extraction,
      intentsOf: () => Promise.resolve(understanding),
      searchKnowledge: await knowledgeIn(join(dir, 'knowledge'), bot),
    },
  };
}

async function knowledgeIn(dir: string, { settings, locales }: Bot): Promise<Searching['searchKnowledge']> {
  const nothing = () => Promise.resolve({ passages: [], answered: false, model: 'none' });
  const isThere = await stat(dir).then(
    (info) => info.isDirectory(),
    () => false,
  );
  if (settings.knowledge === undefined || !isThere) return nothing;
  const store = memoryKnowledge(() => new Date(0));
  const { articles, issues } = await articlesIn(await filesAt([dir]), { locale: locales[0] });
  if (issues.length > 0) {
    throw new PlatformError('knowledge.invalid', issues.map(issueText).join('\n'), { retry: 'never' });
  }
  for (const article of articles) await store.publish({ tenant: TENANT, base: BASE }, article);
  const { startEmbedder } = await import('../../../shared/knowledge/start-embedder.ts');
  const { searchKnowledge } = searching(store, startEmbedder());
  // The index is made by the first question.
  await searchKnowledge({ tenant: TENANT, query: 'hello', locale: locales[0] });
  return searchKnowledge;
}
