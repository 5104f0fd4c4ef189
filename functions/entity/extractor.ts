/** A value found in a text. Places count code points of the original text. */
export interface Entity {
  readonly entity: string;
  readonly value: string;
  readonly start: number;
  readonly end: number;
  readonly role?: string;
  readonly group?: string;
  /** The built-in recogniser that found it. */
  readonly dimension?: string;
  /** What a program needs of the value: a date in ISO 8601, a phone number in E.164. */
  readonly normalised?: string;
  /** Tells by itself who somebody is, or opens an account. */
  readonly personal?: true;
}

/** What the meaning of a text depends on beside the text. */
export interface Circumstances {
  readonly locale: string;
  /** When it was said: what tomorrow is depends on it. */
  readonly said: Date;
  readonly timezone?: string;
}

/** The port behind the function `entity`. */
export interface EntityExtractor {
  /** Names the model and its version; written beside every result. */
  readonly model: string;
  readonly extract: (text: string, circumstances: Circumstances) => readonly Entity[] | Promise<readonly Entity[]>;
}
