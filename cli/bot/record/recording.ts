import { stringify } from 'yaml';
import type { ConversationEvent } from '../../../events/catalogue.ts';
import { isWaiting } from '../../../shared/session/decided.ts';
import type { Mask } from './mask.ts';

type Step = Readonly<Record<string, unknown>>;

interface Draft {
  readonly steps: Step[];
  readonly stubs: Map<string, Step>;
  /** When the last thing was done. */
  at: number;
}

/** A recorded session as a file of tests, and what of it no test can say. */
export interface Recording {
  readonly text: string;
  readonly left: readonly string[];
}

/**
 * Writes a session down as a test case: what the customer and agents did, how long they waited where a timer ran out,
 * and what followed: intents, slots and responses. What actions answered becomes stubs of this test.
 */
export function recordingOf(events: readonly ConversationEvent[], name: string, mask: Mask): Recording {
  const [first] = events;
  const begins = first?.time ?? new Date(0).toISOString();
  const utterances = events.filter((event) => event.type === 'utterance.received');
  const about = circumstances(utterances[0]);
  const draft: Draft = { steps: [], stubs: new Map(), at: Date.parse(begins) };
  const left: string[] = [];
  const locale = utterances[0]?.data.locale ?? 'en';
  const masked = (value: string): string => mask.text(value, locale);
  for (const event of events) {
    switch (event.type) {
      case 'utterance.received': {
        const { text, payload, locale: said } = event.data;
        const own = circumstances(event);
        draft.steps.push({
          user: mask.text(payload ?? text, said),
          ...(own.name !== about.name && { metadata: own.name }),
        });
        draft.at = Date.parse(event.time);
        break;
      }
      case 'intent.classified':
        understood(draft, event.data.intent);
        break;
      case 'intent.not-recognised':
        understood(draft, 'nlu_fallback');
        break;
      case 'timer.fired': {
        const seconds = Math.max(1, Math.ceil((Date.parse(event.time) - draft.at) / 1_000));
        draft.steps.push({ wait: `${seconds}s` });
        draft.at = Date.parse(event.time);
        break;
      }
      case 'control.requested':
        draft.steps.push({ agent: event.data.command });
        break;
      case 'agent.replied':
        for (const { text } of event.data.messages) draft.steps.push({ agent: { says: masked(text) } });
        break;
      case 'action.completed': {
        const { action, slots } = event.data;
        const answers = Object.entries(slots).map(([slot, value]) => ({
          event: 'slot',
          name: slot,
          value: masked(value),
        }));
        stub(draft, `${name}::${action}`, { events: answers }, left);
        break;
      }
      case 'action.failed':
        stub(draft, `${name}::${event.data.action}`, { fails: event.data.reason }, left);
        break;
      case 'answer.generated':
        left.push('an answer that a language model gave: in a test it gives none');
        break;
      case 'policy.decided': {
        const { act, says, slots } = event.data;
        const set = Object.entries(slots).map(([slot, value]) => ({ [slot]: masked(value) }));
        if (set.length > 0) draft.steps.push({ slot_was_set: set });
        if (!isWaiting(act)) draft.steps.push(...says.map(({ response }) => ({ utter: response })));
        break;
      }
      default:
        break;
    }
  }
  const others = utterances
    .map(circumstances)
    .filter((it, i, all) => all.findIndex(({ name: n }) => n === it.name) === i);
  const file = {
    fixtures: [{ recorded: [{ mocked_datetime: begins }] }],
    metadata: (others.length > 0 ? others : [about]).map((it) => ({ [it.name]: it.values })),
    ...(draft.stubs.size > 0 && { stub_custom_actions: Object.fromEntries(draft.stubs) }),
    test_cases: [{ test_case: name, fixtures: ['recorded'], metadata: [about.name], steps: draft.steps }],
  };
  return { text: stringify(file, { lineWidth: 110, aliasDuplicateObjects: false }), left };
}

type Uttered = Extract<ConversationEvent, { type: 'utterance.received' }>;

function circumstances(event: Uttered | undefined): { readonly name: string; readonly values: Step } {
  const { locale = 'en', channel = 'test', timezone } = event?.data ?? {};
  const values = { locale, channel, ...(timezone !== undefined && { timezone }) };
  return { name: [locale, channel, ...(timezone === undefined ? [] : [timezone])].join('_'), values };
}

/** The intent stands with the message that it was found in, and not with what a person or a timer did meanwhile. */
function understood({ steps }: Draft, intent: string): void {
  const at = steps.findLastIndex((step) => 'user' in step && !('intent' in step));
  const step = steps[at];
  if (step) steps[at] = { ...step, intent };
}

function stub({ stubs }: Draft, name: string, answer: Step, left: string[]): void {
  const before = stubs.get(name);
  if (before && JSON.stringify(before) !== JSON.stringify(answer)) {
    left.push(`${name} answered otherwise the second time: the test has its first answer`);
  } else stubs.set(name, answer);
}
