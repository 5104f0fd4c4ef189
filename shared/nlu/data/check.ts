import { plainText, wordsOf } from '../text/plain.ts';
import {
  error,
  LONGEST_EXAMPLE,
  MOST_EXAMPLES,
  warning,
  type DataProblem,
  type TrainingData,
  type TrainingExample,
} from './example.ts';

/**
 * Checks training data as a whole and repairs what can be repaired, as each warning says: of one sentence under two
 * intents the first is kept, entities that overlap an earlier one or lie outside of the text are left out. Everything
 * else that is wrong is an error.
 */
export function checkData(parts: readonly TrainingData[]): TrainingData {
  const problems: DataProblem[] = parts.flatMap((part) => part.problems);
  const entityLines = parts.flatMap((part) => part.entityLines);
  const all = parts.flatMap((part) => part.examples);
  if (all.length > MOST_EXAMPLES) {
    const { file, line } = all[MOST_EXAMPLES] as TrainingExample;
    const message = `there are ${all.length} examples, and at most ${MOST_EXAMPLES} can be learned from`;
    return { examples: [], entityLines, problems: [...problems, error({ file, line, column: 1, message })] };
  }
  const first = new Map<string, TrainingExample>();
  const examples = all.flatMap((example): readonly TrainingExample[] => {
    const { text, intent, file, line } = example;
    const at = { file, line, column: 1 };
    if (text.trim() === '' || intent.trim() === '') {
      problems.push(error({ ...at, message: `this example has no ${text.trim() === '' ? 'text' : 'intent'}` }));
      return [];
    }
    if (text.length > LONGEST_EXAMPLE) {
      problems.push(error({ ...at, message: `an example may have ${LONGEST_EXAMPLE} characters` }));
      return [];
    }
    // What differs in case, width or punctuation only is one sentence for a model.
    const key = wordsOf(plainText(text)) || text;
    const before = first.get(key);
    if (before && before.intent !== intent) {
      const message = `this sentence already stands under ${before.intent} (${before.file}:${before.line}); left out here`;
      problems.push(warning({ ...at, message }));
      return [];
    }
    first.set(key, before ?? example);
    return [{ ...example, entities: fitting(example, problems) }];
  });
  return { examples, entityLines, problems: [...problems, ...lonely(examples)] };
}

function fitting(
  { text, entities, file, line }: TrainingExample,
  problems: DataProblem[],
): TrainingExample['entities'] {
  if (entities.length === 0) return entities;
  const length = Array.from(text).length;
  const kept: TrainingExample['entities'][number][] = [];
  for (const marked of entities) {
    const { entity, start, end } = marked;
    const outside = start >= end || end > length;
    if (!outside && !kept.some((it) => start < it.end && it.start < end)) kept.push(marked);
    else {
      const why = outside ? 'lies outside of the text' : 'overlaps another one';
      problems.push(warning({ file, line, column: start + 1, message: `the entity ${entity} ${why}; left out` }));
    }
  }
  return kept;
}

/** An intent with one example cannot be rehearsed: it is learned, and nobody knows how well. */
function lonely(examples: readonly TrainingExample[]): readonly DataProblem[] {
  const counts = new Map<string, TrainingExample[]>();
  for (const example of examples)
    counts.set(example.intent, [...(counts.get(example.intent) ?? []).slice(0, 1), example]);
  return [...counts].flatMap(([intent, [only, another]]) => {
    if (!only || another) return [];
    const { file, line } = only;
    const hint = 'give it ten or more';
    return [warning({ file, line, column: 1, message: `intent ${intent} has one example only`, hint })];
  });
}
