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

/** How values of one entity are found: by pattern, or as one of a list of words with their canonical value. */
export interface EntityRule {
  readonly name: string;
  /** Sources of case-insensitive, Unicode regular expressions; group 1, where present, is the value. */
  readonly patterns: readonly string[];
  readonly words: readonly { readonly word: string; readonly value: string }[];
}

/** What the bot does about an intent: collect the missing slots in order, then act. */
export interface Flow {
  readonly intent: string;
  /** Each slot is filled by the entity of the same name and asked for with the response `ask`. */
  readonly collect: readonly { readonly slot: string; readonly ask: string }[];
  readonly then: FlowEnd;
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
}
