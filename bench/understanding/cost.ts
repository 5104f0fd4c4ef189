import type { IntentExample } from '../../shared/nlu/model/intent-model.ts';
import { atMost, type Figure } from '../lib/bench.ts';
import { latencies } from '../lib/latencies.ts';
import { clinc150 } from './sets/clinc150.ts';
import type { System } from './systems/system.ts';

const WARM_UP = 3_000;
const MEASURED = 20_000;
const FEW = 5;
const GOAL_MEAN_US = 120;
const GOAL_P99_US = 1_000;

/** What one utterance costs at these numbers of intents, in processor time (mean) and on the clock (p99). */
export async function costOf(system: System, numbers: readonly number[]): Promise<readonly Figure[]> {
  const [set] = clinc150();
  if (!set) return [];
  const figures: Figure[] = [];
  for (const intents of numbers) {
    const trained = await system.train(withIntents(set.train, intents), []);
    const at = (i: number): string => set.test[i % set.test.length]?.text ?? '';
    for (let i = 0; i < WARM_UP; i += 1) await trained.answer(at(i));
    const times = latencies();
    const before = process.cpuUsage();
    for (let i = 0; i < MEASURED; i += 1) {
      const started = performance.now();
      const answer = trained.answer(at(i));
      if (answer instanceof Promise) await answer;
      times.add(performance.now() - started);
    }
    const { user, system: kernel } = process.cpuUsage(before);
    const name = `one utterance, ${intents} intents, ${system.name}`;
    figures.push(
      { name: `${name}: mean`, value: (user + kernel) / MEASURED, unit: 'µs', goal: atMost(GOAL_MEAN_US) },
      { name: `${name}: p99`, value: times.percentile(99) * 1_000, unit: 'µs', goal: atMost(GOAL_P99_US) },
    );
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
