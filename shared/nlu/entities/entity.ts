import type { Dimension } from './builtin/dimensions.ts';

/** A value found in a text. Places count code points of the original text; half of a surrogate pair counts as one. */
export interface Entity {
  readonly entity: string;
  /** What stands there, in NFKC; for a word of a lookup, the value that it stands for. */
  readonly value: string;
  readonly start: number;
  readonly end: number;
  /** What the value is to the sentence: the city may be where a journey begins, or where it ends. */
  readonly role?: string;
  /** Which of several things the value belongs to. */
  readonly group?: string;
  /** The built-in recogniser that found it. */
  readonly dimension?: Dimension;
  /** What a program needs: a date in ISO 8601, a phone number in E.164; the form for each dimension is in bots/README.md. */
  readonly normalised?: string;
  /** Tells by itself who somebody is, or opens an account. */
  readonly personal?: true;
}

/** What the meaning of a text depends on beside the text. */
export interface Circumstances {
  /** BCP 47. */
  readonly locale: string;
  /** When the text was said. */
  readonly said: Date;
  /** IANA name of the customer's time zone, where it is known. */
  readonly timezone?: string;
}

/** Who proposes a candidate: the bot's author by word or by pattern, a built-in recogniser, or a learned tagger. */
export type Origin = 'word' | 'pattern' | 'builtin' | 'learned';

/** A value that may be meant, before overlaps are resolved. Places count UTF-16 code units of the normalised text. */
export interface Candidate extends Omit<Entity, 'personal'> {
  readonly origin: Origin;
}
