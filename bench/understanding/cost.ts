import type { IntentExample } from '../../shared/nlu/model/intent-model.ts';
import { atMost, type Figure } from '../lib/bench.ts';
import { asked } from './asked.ts';
import { helpDeskEntities } from './entities.ts';
import { clinc150 } from './sets/clinc150.ts';
import type { System } from './systems/system.ts';

const OFTEN = 20_000;
const FEW = 5;
const GOAL_MEAN_US = 120;
const GOAL_P99_US = 1_000;
const GOAL_MB = 8;
/** The number of intents whose model may be so large. */
const SIZED_AT = 150;

/**
 * What one utterance costs at these numbers of intents, in processor time (mean) and on the clock (p99): its intent
 * alone, and with the entities of a help desk, found by rule and by a learned tagger.
 */
export async function costOf(system: System, numbers: readonly number[]): Promise<readonly Figure[]> {
  const [set] = clinc150();
  if (!set || numbers.length === 0) return [];
  const texts = set.test.map(({ text }) => text);
  const entities = await helpDeskEntities();
  const figures: Figure[] = [];
  for (const intents of numbers.filter((number) => number <= (system.mostIntents ?? Infinity))) {
    const trained = await system.train(withIntents(set.train, intents), []);
    const alone = await asked(trained.answer, texts, OFTEN);
    const both = await asked((text) => (entities.find(text), trained.answer(text)), texts, OFTEN);
    const name = `one utterance, ${intents} intent${intents === 1 ? '' : 's'}, ${system.name}`;
    figures.push(
      { name: `${name}: intent, mean`, value: alone.mean, unit: 'µs' },
      { name: `${name}: intent, p99`, value: alone.p99, unit: 'µs' },
      { name: `${name}: intent + entity, mean`, value: both.mean, unit: 'µs', goal: atMost(GOAL_MEAN_US) },
      { name: `${name}: intent + entity, p99`, value: both.p99, unit: 'µs', goal: atMost(GOAL_P99_US) },
    );
    if (intents === SIZED_AT) {
      const value = (trained.bytes + entities.bytes) / 1e6;
      figures.push({
        name: `${intents} intents, ${system.name}: model and tagger`,
        value,
        unit: 'MB',
        goal: atMost(GOAL_MB),
      });
    }
  }
  return figures;
}

/** CLINC150 with other numbers of intents: the first ones; or each cut into several, of five examples. */
function withIntents(examples: readonly IntentExample[], intents: number): readonly IntentExample[] {
  const names = [...new Set(examples.map(({ intent }) => intent))];
  if (intents <= names.length) {
    const kept = new Set(names.slice(0, intents));
    return examples.filter(({ intent }) => kept.has(intent));
  }
  const parts = Math.ceil(intents / names.length);
  const cut = examples.map(({ text, intent }, i) => ({ text, intent: `${intent} ${i % parts}` }));
  const kept = new Set([...new Set(cut.map(({ intent }) => intent))].slice(0, intents));
  const counts = new Map<string, number>();
  return cut.filter(({ intent }) => {
    const count = (counts.get(intent) ?? 0) + 1;
    counts.set(intent, count);
    return kept.has(intent) && count <= FEW;
  });
}
