import type { MidTurn } from '../../events/decision.ts';
import type { ActionRule } from './actions.ts';
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
  readonly slots: readonly SlotRule[];
  readonly flows: readonly Flow[];
  /** Variants of each response, in order of preference; never empty. */
  readonly responses: Readonly<Record<string, readonly ResponseVariant[]>>;
  /** How sessions under way with an earlier version move to this one; absent: each keeps its own until it begins anew. */
  readonly migrate?: Migration;
  readonly settings: BotSettings;
  /** How actions ask the systems of the bot's owner; absent: `actions.yml` says nothing. */
  readonly actions?: readonly ActionRule[];
}

/** A declared way from earlier versions of a bot. */
export interface Migration {
  /** Beginnings of the hashes of versions, or `all`. */
  readonly from: readonly string[];
  /** What slots of theirs are called now; null: their values are dropped. */
  readonly slots: Readonly<Record<string, string | null>>;
}

/** What a customer may want, with the sentences the author wrote for it. */
export interface Intent {
  readonly name: string;
  readonly examples: readonly Example[];
}

export interface Example {
  readonly locale: string;
  readonly text: string;
  /** The values of learned entities in it; absent: none. */
  readonly marks?: readonly Mark[];
}

/** Where a value stands in an example, in code points. */
export interface Mark {
  readonly entity: string;
  readonly role?: string;
  readonly group?: string;
  readonly start: number;
  readonly end: number;
}

/**
 * How values of one entity are found: by pattern, as one of a list of words with their canonical value, built in, or as
 * examples that mark them teach.
 */
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
  /** A tagger learns to find it from the marks in examples. */
  readonly learned?: true;
}

/** A value that the bot remembers of a conversation, and what fills it. */
export interface SlotRule {
  readonly name: string;
  readonly type: SlotType;
  /** What a categorical slot may hold. */
  readonly values?: readonly string[];
  readonly fill: readonly SlotFilling[];
  readonly initial?: string;
}

export type SlotType = 'text' | 'bool' | 'float' | 'categorical';

/** Where a slot's value may come from; the first that gives one counts. Actions fill any slot. */
export type SlotFilling =
  | { readonly from: 'entity'; readonly entity: string; readonly role?: string; readonly group?: string }
  /** The whole answer to the question for the slot. */
  | { readonly from: 'text' }
  | { readonly from: 'intent'; readonly intent: string; readonly value: string };

/** What the bot does about intents, step by step. */
export interface Flow {
  readonly id: string;
  readonly name?: string;
  /** What the customer wants where this begins; none for a flow that only others lead to. */
  readonly intents: readonly string[];
  /** A condition without which it does not begin. */
  readonly when?: string;
  /** Never empty; the first one is where it begins. */
  readonly steps: readonly FlowStep[];
}

/** One step. `next`: the first branch whose condition holds leads on; where none does, the flow ends. */
export type FlowStep = {
  readonly id: string;
  readonly next: readonly Branch[];
} & (
  | {
      readonly kind: 'collect';
      readonly slot: string;
      /** The response that asks for it. */
      readonly ask: string;
      /** Asks although the slot is filled. */
      readonly askFirst?: true;
      readonly rejections?: readonly { readonly when: string; readonly say: string }[];
    }
  | { readonly kind: 'say'; readonly response: string }
  /** Built in, or a call of the customer's own systems. */
  | {
      readonly kind: 'action';
      readonly action: string;
      /** Who is asked for where a person takes over. */
      readonly skill?: string;
      readonly priority?: 'low' | 'normal' | 'high';
    }
  | { readonly kind: 'set'; readonly values: readonly { readonly slot: string; readonly value: string | null }[] }
  | { readonly kind: 'link' | 'call'; readonly flow: string }
  | { readonly kind: 'noop' }
);

export interface Branch {
  readonly when?: string;
  /** The id of a step of the same flow, or `END`. */
  readonly to: string;
}

export interface ResponseVariant {
  readonly locale: string;
  /** Only said in this channel; absent: in any. */
  readonly channel?: string;
  /** Only said while these slots have these values. */
  readonly condition?: Readonly<Record<string, string>>;
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
  /** A conversation is closed when the customer says nothing for this time; absent: never. */
  readonly closeAfterMs?: number;
  /** Where nobody takes over within this time, the customer is told so and a ticket is written; absent: never. */
  readonly handOverAfterMs?: number;
  /** How long an action, a search or a generated answer may take. */
  readonly outsideAfterMs?: number;
  /** Candidates nearer to the best one than this are asked about; absent: never. 0 to 1. */
  readonly clarifyWithin?: number;
  /** A second intent that is as sure as this is answered, too; absent: never. 0 to 1. */
  readonly secondIntent?: number;
  /** What is not understood is looked up in the knowledge base, and put into words by a model. */
  readonly knowledge?: 'passages' | 'generated';
  /** A language model is asked which of the candidates within `clarifyWithin` is meant; absent: the customer is. */
  readonly unsure?: 'model';
  /** Words that an answer of a language model must not contain. */
  readonly neverSay?: readonly string[];
  /** What is done about a message that comes while an earlier one is not answered: `queue` where nothing is said. */
  readonly midTurn?: Readonly<Record<string, MidTurn>>;
  /** How it behaves on the telephone. */
  readonly voice?: BotVoice;
  /** Whether a customer who comes back is still known by what was said before; absent: yes. */
  readonly carryOverSlots?: false;
  /** IANA name: where customers live whose time zone no channel knows. */
  readonly timezone?: string;
}

/** How a bot behaves on the telephone. All times in milliseconds; what is absent is the platform's own. */
export interface BotVoice extends VoicePatience {
  /** The response that it says as soon as somebody is on the line. */
  readonly greeting?: string;
  /** Between two keys that belong together. */
  readonly betweenKeysMs?: number;
  /** While it waits for the value of a slot. `keys`: so many are the whole answer. */
  readonly questions?: Readonly<Record<string, VoicePatience & { readonly keys?: number }>>;
}

/** When somebody who speaks has finished. */
export interface VoicePatience {
  readonly afterWordsMs?: number;
  readonly withoutWordsMs?: number;
  readonly longestMs?: number;
}
