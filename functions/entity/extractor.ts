/** A value found in a text. Offsets count UTF-16 code units of the original text. */
export interface Entity {
  readonly entity: string;
  readonly value: string;
  readonly start: number;
  readonly end: number;
}

/** The port behind the function `entity`. */
export interface EntityExtractor {
  /** Names the model and its version; written beside every result. */
  readonly model: string;
  readonly extract: (text: string, locale: string) => readonly Entity[] | Promise<readonly Entity[]>;
}
