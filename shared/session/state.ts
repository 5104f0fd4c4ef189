import type { Frame, Passage, Purpose, Said } from '../../events/decision.ts';

/**
 * What the platform knows about a conversation: the fold of its events. Written into every decision, so it stays
 * small (under 4 KB), and every object is built with its keys in one order, so that equal states have equal JSON.
 */
export interface DialogueState {
  readonly phase: 'none' | 'open' | 'handed-off' | 'closed';
  readonly bot: { readonly name: string; readonly hash: string } | null;
  readonly channel: string;
  /** The customer's language, as of the last utterance. */
  readonly locale: string;
  /** Turns that are not decided yet, and those that are decided and not ended, in the order of the log. */
  readonly turns: readonly Turn[];
  readonly slots: Readonly<Record<string, string>>;
  /** The flows under way, the current one last; at most `DEEPEST`. */
  readonly stack: readonly Frame[];
  readonly asking: Question | null;
  readonly pending: Pending | null;
  /** The timers that are running, at most one for each purpose, each named by the decision that set it. */
  readonly timers: readonly { readonly purpose: Purpose; readonly decision: string }[];
  /** The decision that set a timer last. Its message stands on the server's clock, also where nobody waits for it now. */
  readonly lastTimer: string | null;
  /** What the bot said last, so that it can be repeated. */
  readonly said: readonly Said[];
  /** The reply that is being heard by telephone, or was cut off; null: there is none, or all of it was heard. */
  readonly told: Told | null;
  /** The flow that ended last, as long as no other is under way: what it was given can still be corrected. */
  readonly done: string | null;
  /** The customer has come back to an earlier session and was not answered yet. */
  readonly returned: boolean;
  /** The people of the last hand-over, from the bot's asking for one on. */
  readonly desk: Desk | null;
  /** Turns in a row that were not understood. */
  readonly misses: number;
  /** Commands and timers that are not decided yet, in the order of the log. */
  readonly commands: readonly Command[];
  /** Fingerprints of the last incoming ids and their bodies, newest last: see `recent.ts`. */
  readonly recent: string;
}

/** Flows under way at once. Where one more begins, the one that has waited longest is given up. */
export const DEEPEST = 8;

/**
 * A turn, with what has become known about it; what is not known yet is left out, since many turns may be waiting.
 * The first fact of a kind counts, later ones are ignored.
 */
export interface Turn {
  readonly id: string;
  readonly locale: string;
  /** The beginning of what was said, while there is room for it. */
  readonly text?: string;
  /** The slots that a pressed button sets. */
  readonly sets?: Readonly<Record<string, string>>;
  /** What an earlier turn said that this one answers, too. */
  readonly merged?: Pick<Turn, 'intent' | 'entities'>;
  /** How many decisions were made upon it that did not end it. */
  readonly steps?: number;
  readonly intent?: Understanding;
  readonly entities?: readonly Entity[];
  readonly decided?: boolean;
}

/** `others`: what came next, best first. */
export type Understanding =
  | {
      readonly kind: 'classified';
      readonly name: string;
      readonly confidence: number;
      readonly others?: readonly Ranked[];
    }
  | { readonly kind: 'unknown'; readonly others?: readonly Ranked[] }
  | { readonly kind: 'failed' };

export interface Ranked {
  readonly name: string;
  readonly confidence: number;
}

export interface Entity {
  readonly entity: string;
  readonly value: string;
  readonly role?: string;
  readonly group?: string;
  readonly normalised?: string;
}

/** A reply on its way to the ear: the event that said it, the letters in each of its messages, and where it was cut off. */
export interface Told {
  readonly of: string;
  readonly letters: readonly number[];
  /** The last words that were heard, and the letters in all that were. */
  readonly heard?: { readonly words: string; readonly letters: number };
}

/** An open question: which slot was asked for, in which words, and by which flow. */
export interface Question {
  readonly slot: string;
  readonly response: string;
  readonly flow: string;
}

/** What a turn waits for from outside: the decision that asked for it, and what came back. */
export interface Pending {
  readonly turn: string;
  readonly decision: string;
  readonly kind: 'call' | 'search' | 'generate' | 'choose';
  /** What was to be said before. */
  readonly says: readonly Said[];
  /** What there is to say where no model puts it into words. */
  readonly best?: Passage;
  /** The intents that were offered for choice. */
  readonly options?: readonly string[];
  readonly outcome?: Outcome;
}

export type Outcome =
  | { readonly kind: 'done'; readonly slots: Readonly<Record<string, string>> }
  | { readonly kind: 'found'; readonly answered: boolean; readonly passages: readonly Passage[] }
  | {
      readonly kind: 'answered';
      readonly text: string;
      readonly cites: readonly string[];
      /** What the customer is told about where it is from. */
      readonly sources: readonly string[];
    }
  | { readonly kind: 'suggested'; readonly intent?: string }
  | { readonly kind: 'failed'; readonly reason: string };

/** Who has taken over, and the end of what they wrote to the customer. */
export interface Desk {
  readonly agent: string | null;
  readonly said: readonly string[];
  /** What the person who is asked for should know about. */
  readonly skill?: string;
}

export type Command =
  | { readonly kind: 'take' | 'hand-back' | 'close'; readonly id: string; readonly agent: string }
  | { readonly kind: 'timer'; readonly id: string; readonly purpose: Exclude<Purpose, 'deadline'> };

export const initialState: DialogueState = {
  phase: 'none',
  bot: null,
  channel: '',
  locale: 'zh',
  turns: [],
  slots: {},
  stack: [],
  asking: null,
  pending: null,
  timers: [],
  lastTimer: null,
  said: [],
  told: null,
  done: null,
  returned: false,
  desk: null,
  misses: 0,
  commands: [],
  recent: '',
};
