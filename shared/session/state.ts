/**
 * What the platform knows about a conversation: the fold of its events. Written into every decision, so it stays
 * small (under 4 KB), and every object is built with its keys in one order, so that equal states have equal JSON.
 */
export interface DialogueState {
  readonly phase: 'none' | 'open' | 'handed-off' | 'closed';
  readonly bot: { readonly name: string; readonly hash: string } | null;
  /** The customer's language, as of the last utterance. */
  readonly locale: string;
  /** Turns that are not decided yet, and those that are decided and not ended, in the order of the log. */
  readonly turns: readonly Turn[];
  readonly slots: Readonly<Record<string, string>>;
  readonly asking: Question | null;
  /** Turns in a row that were not understood. */
  readonly misses: number;
  /** Commands and timers that are not decided yet, in the order of the log. */
  readonly commands: readonly Command[];
  /** Fingerprints of the last incoming ids and their bodies, newest last: see `recent.ts`. */
  readonly recent: string;
}

/**
 * A turn, with what has become known about it; what is not known yet is left out, since many turns may be waiting.
 * The first fact of a kind counts, later ones are ignored.
 */
export interface Turn {
  readonly id: string;
  readonly locale: string;
  readonly intent?: Understanding;
  readonly entities?: readonly Entity[];
  readonly decided?: boolean;
}

export type Understanding =
  | { readonly kind: 'classified'; readonly name: string; readonly confidence: number }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'failed' };

export interface Entity {
  readonly entity: string;
  readonly value: string;
  readonly role?: string;
  readonly group?: string;
}

/** An open question: which slot was asked for, in which words, for which intent, and the decision that asked. */
export interface Question {
  readonly slot: string;
  readonly response: string;
  readonly intent: string;
  readonly decision: string;
}

export type Command =
  | { readonly kind: 'take' | 'hand-back' | 'close'; readonly id: string; readonly agent: string }
  | { readonly kind: 'timer'; readonly id: string; readonly timer: string };

export const initialState: DialogueState = {
  phase: 'none',
  bot: null,
  locale: 'zh',
  turns: [],
  slots: {},
  asking: null,
  misses: 0,
  commands: [],
  recent: '',
};
