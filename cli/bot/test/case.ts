/** Where something stands in a test file; lines and columns count from 1. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** A conversation that has to go as its author wrote it. */
export interface TestCase {
  readonly name: string;
  readonly place: Place;
  /** What the bot knows before the first message. */
  readonly slots: Readonly<Record<string, string>>;
  /** When it begins, ISO 8601; every test begins at the same time where it does not say. */
  readonly begins?: string;
  /** What actions of the customer's own systems answer, by the action's name. */
  readonly stubs: ReadonlyMap<string, Stub>;
  readonly rounds: readonly Round[];
}

/** What an action is taken to have answered. */
export type Stub =
  | { readonly kind: 'done'; readonly slots: Readonly<Record<string, string>> }
  | { readonly kind: 'failed'; readonly reason: FailureReason };

export const FAILURES = ['timed-out', 'refused', 'unreachable', 'malformed', 'circuit-open'] as const;
export type FailureReason = (typeof FAILURES)[number];

/** Something that happens, and what has to follow from it. */
export interface Round {
  readonly doing: Doing;
  readonly place: Place;
  readonly expects: readonly Expected[];
}

export type Doing =
  /** The conversation has begun, and nobody has said anything. */
  | { readonly kind: 'begin' }
  | { readonly kind: 'user'; readonly text: string; readonly about: Circumstances }
  /** Messages of which each comes before anything was done about the one before it. */
  | { readonly kind: 'at-once'; readonly texts: readonly string[]; readonly about: Circumstances }
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'agent'; readonly command: 'take' | 'hand-back' | 'close' }
  | { readonly kind: 'agent-says'; readonly text: string };

/** What is known about a message beside its text. */
export interface Circumstances {
  readonly locale?: string;
  readonly channel?: string;
  readonly timezone?: string;
}

/** One thing that has to follow, and where it is asked for. */
export interface Expected {
  readonly place: Place;
  readonly what: Expectation;
}

export type Expectation =
  | { readonly kind: 'bot'; readonly text: string }
  | { readonly kind: 'utter'; readonly response: string }
  | { readonly kind: 'slot-set'; readonly slot: string; readonly value?: string | null }
  | { readonly kind: 'slot-not-set'; readonly slot: string; readonly value?: string | null }
  | { readonly kind: 'intent'; readonly intent: string }
  | { readonly kind: 'action'; readonly action: string }
  | {
      readonly kind: 'flow-started' | 'flow-completed' | 'flow-cancelled' | 'clarifies';
      readonly flows: readonly string[];
      /** One of them is enough. */
      readonly any: boolean;
      readonly step?: string;
    }
  | ({ readonly kind: 'uttered' | 'not-uttered' } & Utterance)
  /** The answer was there within so many milliseconds of the machine's own clock. */
  | { readonly kind: 'within'; readonly ms: number };

/** What a message has to be like; what is absent may be anything. */
export interface Utterance {
  readonly response?: string;
  /** The source of a regular expression. */
  readonly matches?: string;
  readonly buttons?: readonly { readonly title: string; readonly payload?: string }[];
}
