import type { ConversationEvent } from '../../events/catalogue.ts';
import type { Said } from '../../events/decision.ts';
import type { Message } from '../../events/fields.ts';
import type { DialogueState } from './state.ts';
import { whole } from './understood.ts';

/** The channel on which what is said has to be heard, and can be cut off. */
export const PHONE = 'phone';
/** Where a sentence ends, so that speech can begin with the next one. */
export const SENTENCE_END = /(?<=[.!?…。！？；;\n])\s*/u;

/** Replies of more messages than this are repeated as a whole. */
const MESSAGES_KEPT = 12;
/** Of the words that were heard, the last ones. */
const HEARD_KEPT = 120;

/** A message as it is read out: what there is to choose from has no buttons to press. */
export const spokenOf = ({ text, buttons }: Message): string =>
  buttons.length === 0 ? text : `${text}\n${buttons.map(({ title }) => title).join(', ')}.`;

/** Letters and digits, which are the same however a text is cut and put together. */
const lettersIn = (text: string): number => text.match(/[\p{L}\p{N}]/gu)?.length ?? 0;

/** A reply has been sent to a telephone: from now on it is known which event it may be cut off in. */
export function toldBy(
  state: DialogueState,
  event: Extract<ConversationEvent, { type: 'turn.replied' | 'turn.handed-off' }>,
): DialogueState['told'] {
  const { messages } = event.data;
  // A repeated ending is none of a turn that is waiting.
  if (!state.turns.some(({ id }) => id === event.turn) || messages.length === 0) return state.told;
  if (state.channel !== PHONE || messages.length > MESSAGES_KEPT) return null;
  return { of: event.id, letters: messages.map((message) => lettersIn(spokenOf(message))) };
}

/** A call began with the bot's own words: what may be asked for again where nothing was said before. */
export function greetedBy(
  state: DialogueState,
  { id, data }: Extract<ConversationEvent, { type: 'call.greeted' }>,
): DialogueState {
  if (state.said.length > 0 || state.channel !== PHONE) return state;
  const { response, messages } = data;
  const letters = messages.map((message) => lettersIn(spokenOf(message)));
  return { ...state, said: [{ response, slots: {} }], told: { of: id, letters } };
}

/** What became of a reply on its way to the ear. One that is not the last says nothing any more. */
export function playedOf(
  { told }: DialogueState,
  event: Extract<ConversationEvent, { type: 'playback.interrupted' | 'playback.resumed' | 'playback.completed' }>,
): DialogueState['told'] {
  if (told?.of !== event.data.of) return told;
  const { of, letters } = told;
  switch (event.type) {
    case 'playback.completed':
      return null;
    case 'playback.resumed':
      return { of, letters };
    case 'playback.interrupted': {
      const { heard } = event.data;
      const tail = heard.slice(-HEARD_KEPT);
      const words = tail.isWellFormed() ? tail : tail.slice(1);
      return { of, letters, heard: { words: whole(words), letters: lettersIn(heard) } };
    }
  }
}

/** What to say where the last reply has to be said again: what was not heard of it, or all where nothing was cut off. */
export function toRepeat({ said, told }: DialogueState): readonly Said[] {
  const lengths = told?.letters.slice(-said.length) ?? [];
  if (!told?.heard || lengths.length !== said.length) return said;
  const before = told.letters.slice(0, -said.length).reduce((sum, length) => sum + length, 0);
  let left = told.heard.letters - before;
  const rest = said.flatMap((one, i): readonly Said[] => {
    const length = lengths[i] ?? 0;
    const heard = Math.max(0, Math.min(left, length));
    left -= length;
    if (heard === length) return [];
    // What was itself the rest of something is said from the same place again.
    return [heard === 0 || one.heard !== undefined ? one : { ...one, heard }];
  });
  return rest.length > 0 ? rest : said;
}

/** A text from the sentence on in which so many letters have been heard. Empty where all of it was. */
export function unheardOf(text: string, heard: number): string {
  let at = 0;
  for (const { 0: space, index } of text.matchAll(new RegExp(SENTENCE_END, 'gu'))) {
    if (lettersIn(text.slice(0, index)) > heard) break;
    at = index + space.length;
  }
  const rest = text.slice(at);
  return lettersIn(text) <= heard ? '' : rest;
}
