import type { Flow, FlowStep } from './bot.ts';
import type { BotIssue } from './error.ts';
import { rejectionsOf, type Rejection } from './flow-steps.ts';
import { didYouMean } from './nearest.ts';
import type { DomainFile } from './schema.ts';
import { ASK_PREFIX, END } from './standard.ts';
import type { Parsed } from './strict.ts';

/** Rasa's forms as flows that collect their slots one after the other; rules call them. */
export function readForms(
  { source, content }: Parsed<DomainFile>,
  rejections: ReadonlyMap<string, readonly Rejection[]>,
): {
  readonly flows: readonly Flow[];
  readonly issues: readonly BotIssue[];
  readonly warnings: readonly BotIssue[];
} {
  const issues: BotIssue[] = [];
  const warnings: BotIssue[] = [];
  const slots = Object.keys(content.slots);
  const flows = Object.entries(content.forms).map(
    ([form, { required_slots: required, ignored_intents: ignored }]): Flow => {
      const path = ['forms', form];
      if (ignored !== undefined) {
        const message = 'ignored_intents are not run: whatever a flow answers may interrupt a form';
        warnings.push(source.issue([...path, 'ignored_intents'], message, { part: 'key' }));
      }
      const steps = required.map((slot, i): FlowStep => {
        const own = `${ASK_PREFIX}${form}_${slot}`;
        const ask = Object.hasOwn(content.responses, own) ? own : ASK_PREFIX + slot;
        const at = [...path, 'required_slots', i];
        if (!slots.includes(slot)) issues.push(source.issue(at, `unknown slot ${slot}`, didYouMean(slot, slots)));
        else if (!Object.hasOwn(content.responses, ask)) {
          issues.push(source.issue(at, `unknown response ${ask}`, didYouMean(ask, Object.keys(content.responses))));
        }
        const next = i + 1 < required.length ? String(i + 2) : END;
        return {
          id: String(i + 1),
          kind: 'collect',
          slot,
          ask,
          ...rejectionsOf(rejections.get(slot) ?? []),
          next: [{ to: next }],
        };
      });
      return { id: form, intents: [], steps };
    },
  );
  return { flows, issues, warnings };
}
