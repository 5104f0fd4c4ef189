import type { Dimension } from '../nlu/entities/builtin/dimensions.ts';

/**
 * A bot as functions see it: plain immutable data, read once from `bots/<name>/` and named by the hash of its content.
 * A session keeps the bot it began with, so everything a decision depends on is here or in the log.
 */
export interface Bot {
  readonly name: string;
  /** Hash of the whole content, hexadecimal: two bots with the same hash answer alike. */
  readonly hash: string;
  /** BCP 47 language tags; the first is used when a customer's language is not among them. */
  readonly locales: readonly [string, ...string[]];
  readonly intents: readonly Intent[];
  readonly entities: readonly EntityRule[];
  readonly flows: readonly Flow[];
  /** Variants of each response, in order of preference; never empty. */
  readonly responses: Readonly<Record<string, readonly ResponseVariant[]>>;
  readonly settings: BotSettings;
}

/** What a customer may want, with the sentences the author wrote for it. */
export interface Intent {
  readonly name: string;
  readonly examples: readonly Example[];
}

export interface Example {
  readonly locale: string;
  readonly text: string;
}

/** How values of one entity are found: by pattern, as one of a list of words with their canonical value, or built in. */
export interface EntityRule {
  readonly name: string;
  /** Sources of case-insensitive, Unicode regular expressions; group 1, where present, is the value. */
  readonly patterns: readonly string[];
  readonly words: readonly { readonly word: string; readonly value: string }[];
  /** The built-in recogniser that finds it, too. */
  readonly dimension?: Dimension;
  /** What stood around values in examples, and the role that they had there; in lower case, the nearest 24 characters. */
  readonly contexts?: readonly { readonly role: string; readonly before: string; readonly after: string }[];
  /** The names of groups, in the order in which they are given to what is found. */
  readonly groups?: readonly string[];
}

/** What the bot does about an intent: collect the missing slots in order, then act. */
export interface Flow {
  readonly intent: string;
  /** Each slot is filled by the entity of the same name where `from` names no other, and asked for with the response `ask`. */
  readonly collect: readonly { readonly slot: string; readonly ask: string; readonly from?: SlotSource }[];
  readonly then: FlowEnd;
}

/** The values that fill a slot: those of an entity; where a role or a group is named, only those that have it. */
export interface SlotSource {
  readonly entity: string;
  readonly role?: string;
  readonly group?: string;
}

export type FlowEnd =
  | { readonly kind: 'respond'; readonly response: string }
  | { readonly kind: 'hand-off'; readonly response: string }
  | { readonly kind: 'close'; readonly response: string };

export interface ResponseVariant {
  readonly locale: string;
  /** May contain `{slot}` placeholders. */
  readonly text: string;
  readonly buttons: readonly { readonly title: string; readonly payload: string }[];
}

export interface BotSettings {
  /** Below this confidence an intent counts as not recognised. 0 to 1. */
  readonly threshold: number;
  /** Turns in a row not understood before a person is asked to take over. */
  readonly missesBeforeHandOff: number;
  /** An unanswered question is repeated once after this time; absent: never. */
  readonly remindAfterMs?: number;
  /** IANA name: where customers live whose time zone no channel knows. */
  readonly timezone?: string;
}
