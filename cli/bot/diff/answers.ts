import { converse } from '../test/conversation.ts';
import type { TestCase } from '../test/case.ts';
import { doingText } from '../test/report.ts';
import type { Subject } from '../test/subject.ts';

/** A message that two bots answer otherwise. */
export interface ChangedAnswer {
  readonly test: string;
  /** What was said or done, counted from 1 within its conversation. */
  readonly round: number;
  readonly said: string;
  readonly before: readonly string[];
  readonly after: readonly string[];
}

/** Plays conversations with two bots, whatever their tests expect, and tells where the answers part. */
export async function changedAnswers(
  before: Subject,
  after: Subject,
  tests: readonly TestCase[],
): Promise<readonly ChangedAnswer[]> {
  const changed: ChangedAnswer[] = [];
  for (const test of tests) {
    const [was, is] = [await answersOf(before, test), await answersOf(after, test)];
    for (const [i, { doing }] of test.rounds.entries()) {
      const [old = [], now = []] = [was[i], is[i]];
      if (old.join('\n') === now.join('\n')) continue;
      changed.push({ test: test.name, round: i + 1, said: doingText(doing)[1], before: old, after: now });
    }
  }
  return changed;
}

async function answersOf(subject: Subject, test: TestCase): Promise<readonly (readonly string[])[]> {
  const known = new Set(subject.bot.slots.map(({ name }) => name));
  const slots = Object.fromEntries(Object.entries(test.slots).filter(([slot]) => known.has(slot)));
  const conversation = await converse(subject, { ...test, slots });
  const answers: (readonly string[])[] = [];
  for (const { doing } of test.rounds) {
    const from = conversation.events.length;
    await conversation.act(doing);
    answers.push(
      conversation.events
        .slice(from)
        .flatMap(({ envelope: { data } }) => (data as { messages?: readonly { text: string }[] }).messages ?? [])
        .map(({ text }) => text),
    );
  }
  return answers;
}
