import type { EntityRule, Intent, Mark } from './bot.ts';
import type { Annotation } from './examples.ts';

/** Fewer markings, or fewer different values, and what is learned of an entity is not worth finding. */
export const LEAST_MARKS = 10;
const LEAST_VALUES = 5;

/** What an entity needs that nothing but examples describes, for complaints. */
export const MARKS_NEEDED = `mark it in ${LEAST_MARKS} examples or more, with ${LEAST_VALUES} different values, and it is learned`;

/** Whether there is enough to learn an entity from. */
export function isLearnable(entity: string, annotated: readonly Annotation[]): boolean {
  const marked = annotated.filter((it) => it.entity === entity);
  return marked.length >= LEAST_MARKS && new Set(marked.map(({ text }) => text)).size >= LEAST_VALUES;
}

/** Where the values of an example stand, in code points of its text. */
export const marksOf = (annotations: readonly Annotation[]): readonly Mark[] =>
  annotations.map(({ entity, role, group, before, text }) => {
    const start = Array.from(before).length;
    const end = start + Array.from(text).length;
    return { entity, ...(role !== undefined && { role }), ...(group !== undefined && { group }), start, end };
  });

/** Intents whose examples keep the marks of learned entities only: a bot that learns none is what it was without them. */
export function withMarksOf(entities: readonly EntityRule[], intents: readonly Intent[]): readonly Intent[] {
  const learned = new Set(entities.flatMap(({ name, learned: is }) => (is ? [name] : [])));
  return intents.map(({ name, examples }) => ({
    name,
    examples: examples.map(({ locale, text, marks = [] }) => {
      const kept = marks.filter(({ entity }) => learned.has(entity));
      return { locale, text, ...(kept.length > 0 && { marks: kept }) };
    }),
  }));
}
