import type { Expectation, Expected, Place, Utterance } from './case.ts';
import { NOT_UNDERSTOOD } from './names.ts';
import { lastStepOf, type Happened } from './happened.ts';

/** Something that did not follow as expected: in words, and what came instead. */
export interface Difference {
  readonly place: Place;
  readonly expected: string;
  readonly came: string;
}

/** Compares what happened with what was expected. What nobody asked for is left alone, as in Rasa. */
export function differences(expects: readonly Expected[], happened: Happened): readonly Difference[] {
  return expects.flatMap(({ what, place }) => {
    const came = instead(what, happened);
    return came === undefined ? [] : [{ place, expected: describe(what), came }];
  });
}

/** What came instead of what was expected; undefined where it did come. */
function instead(what: Expectation, happened: Happened): string | undefined {
  const { messages, responses, actions, intent, started, completed, cancelled, offered, ms } = happened;
  switch (what.kind) {
    case 'bot':
      return messages.some(({ text }) => text.trim() === what.text) ? undefined : saidBy(happened);
    case 'utter':
      return responses.includes(what.response) ? undefined : saidBy(happened);
    case 'slot-set':
      return isSet(happened, what.slot, what.value) ? undefined : slotsIn(happened, what.slot);
    case 'slot-not-set':
      return isSet(happened, what.slot, what.value) ? slotsIn(happened, what.slot) : undefined;
    case 'intent':
      if (intent && (intent.name ?? NOT_UNDERSTOOD) === what.intent) return undefined;
      return intent ? `${intent.name ?? 'not recognised'} (${percent(intent.confidence)})` : 'nothing was understood';
    case 'action':
      // The bot listens after every turn, and a test of Rasa may say so.
      return actions.includes(what.action) || what.action === 'action_listen' ? undefined : listed(actions);
    case 'flow-started':
      return has(started, what) ? undefined : listed(started);
    case 'flow-completed': {
      if (!has(completed, what)) return listed(completed);
      const last = lastStepOf(happened, what.flows[0] ?? '');
      return what.step === undefined || what.step === last ? undefined : `it ended after the step ${last}`;
    }
    case 'flow-cancelled':
      return has(cancelled, what) ? undefined : listed(cancelled);
    case 'clarifies':
      return has(offered, what) ? undefined : listed(offered);
    case 'uttered':
      return isUttered(what, happened) ? undefined : saidBy(happened);
    case 'not-uttered':
      return isUttered(what, happened) ? saidBy(happened) : undefined;
    case 'within':
      return ms <= what.ms ? undefined : `${ms.toFixed(1)} ms`;
  }
}

/** An expectation in the words of a test file. */
export function describe(what: Expectation): string {
  switch (what.kind) {
    case 'bot':
      return `bot: ${what.text}`;
    case 'utter':
      return `utter: ${what.response}`;
    case 'slot-set':
      return `slot_was_set: ${slotText(what)}`;
    case 'slot-not-set':
      return `slot_was_not_set: ${slotText(what)}`;
    case 'intent':
      return `intent: ${what.intent}`;
    case 'action':
      return `action: ${what.action}`;
    case 'flow-started':
      return `flow_started: ${flowsText(what)}`;
    case 'flow-completed':
      return `flow_completed: ${flowsText(what)}${what.step === undefined ? '' : ` at ${what.step}`}`;
    case 'flow-cancelled':
      return `flow_cancelled: ${flowsText(what)}`;
    case 'clarifies':
      return `pattern_clarification_contains: ${flowsText(what)}`;
    case 'uttered':
      return `bot_uttered: ${utteranceText(what)}`;
    case 'not-uttered':
      return `bot_did_not_utter: ${utteranceText(what)}`;
    case 'within':
      return `an answer within ${what.ms} ms`;
  }
}

const has = (flows: readonly string[], { flows: wanted, any }: { flows: readonly string[]; any: boolean }): boolean =>
  any ? wanted.some((flow) => flows.includes(flow)) : wanted.every((flow) => flows.includes(flow));

function isSet({ slots }: Happened, slot: string, value: string | null | undefined): boolean {
  return slots.some((it) => it.slot === slot && (value === undefined ? it.value !== null : isSame(it.value, value)));
}

/** 150 is 150.0, and a yes is a true. */
function isSame(a: string | null, b: string | null): boolean {
  if (a === null || b === null) return a === b;
  const [x, y] = [Number(a), Number(b)];
  return a === b || (a.trim() !== '' && b.trim() !== '' && x === y);
}

function isUttered({ response, matches, buttons }: Utterance, { messages, responses }: Happened): boolean {
  if (response !== undefined && !responses.includes(response)) return false;
  const pattern = matches === undefined ? undefined : new RegExp(matches, 's');
  if (!pattern && !buttons) return response !== undefined;
  return messages.some(
    (message) =>
      (!pattern || pattern.test(message.text)) &&
      (buttons ?? []).every(({ title, payload }) =>
        message.buttons.some((it) => it.title === title && (payload === undefined || it.payload === payload)),
      ),
  );
}

function saidBy({ messages, responses, unanswered }: Happened): string {
  if (messages.length === 0)
    return unanswered.length > 0 ? `no answer: ${unanswered.join(', ')}` : 'the bot was silent';
  const texts = messages.map(({ text }) => text).join('\n');
  return responses.length === 0 ? texts : `${texts}\n(${responses.join(', ')})`;
}

function slotsIn({ slots }: Happened, about: string): string {
  const own = slots.filter(({ slot }) => slot === about);
  const shown = own.length > 0 ? own : slots;
  return shown.length === 0 ? 'no slot was set' : shown.map(slotText).join(', ');
}

const slotText = ({ slot, value }: { slot: string; value?: string | null }): string =>
  value === undefined ? slot : `${slot} = ${value ?? 'nothing'}`;
const flowsText = ({ flows, any }: { flows: readonly string[]; any: boolean }): string =>
  flows.join(any ? ' or ' : ' and ');
const listed = (names: readonly string[]): string => (names.length === 0 ? 'nothing' : names.join(', '));
const percent = (share: number): string => `${Math.round(share * 100)} %`;

function utteranceText({ response, matches, buttons }: Utterance): string {
  return [
    ...(response === undefined ? [] : [response]),
    ...(matches === undefined ? [] : [`/${matches}/`]),
    ...(buttons ?? []).map(({ title }) => `[${title}]`),
  ].join(' ');
}
