import type { IntentExample } from '../../shared/nlu/model/intent-model.ts';
import type { Answer, Trained } from './systems/system.ts';

/** What a system said about a text, and whether it was so. */
export interface Judged extends Answer {
  readonly text: string;
  readonly right: boolean;
}

/** Asks a system about examples, one by one. */
export async function judgeAll(trained: Trained, examples: readonly IntentExample[]): Promise<readonly Judged[]> {
  const all: Judged[] = [];
  for (const { text, intent } of examples) {
    const answer = await trained.answer(text);
    all.push({ ...answer, text, right: answer.intent === intent });
  }
  return all;
}

/** 0 to 1; NaN of nothing. */
export function shareOf<T>(of: readonly T[], is: (one: T) => boolean): number {
  return of.length === 0 ? NaN : of.filter(is).length / of.length;
}
