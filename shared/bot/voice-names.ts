import type { SlotRule } from './bot.ts';
import type { BotIssue } from './error.ts';
import { didYouMean } from './nearest.ts';
import type { BotFile } from './schema.ts';
import type { Parsed } from './strict.ts';

/** What `voice` in `bot.yml` names and nothing else does: a response for its greeting, slots for its questions. */
export function voiceIssues(
  { source, content: { voice } }: Parsed<BotFile>,
  responses: Readonly<Record<string, unknown>>,
  slots: readonly SlotRule[],
): readonly BotIssue[] {
  const issues: BotIssue[] = [];
  const greeting = voice?.greeting;
  const known = Object.keys(responses);
  if (greeting !== undefined && !known.includes(greeting)) {
    const more = didYouMean(greeting, known);
    issues.push(source.issue(['voice', 'greeting'], `domain.yml has no response ${greeting}`, more));
  }
  const names = slots.map(({ name }) => name);
  for (const slot of Object.keys(voice?.questions ?? {}).filter((it) => !names.includes(it))) {
    const more = { ...didYouMean(slot, names), part: 'key' } as const;
    issues.push(source.issue(['voice', 'questions', slot], `unknown slot ${slot}`, more));
  }
  return issues;
}
