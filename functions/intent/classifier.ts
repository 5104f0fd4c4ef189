/** An intent that a text may have, and how likely it is, from 0 to 1. */
export interface Ranked {
  readonly intent: string;
  readonly confidence: number;
}

/** What the intent function asks of the outside world. Best candidate first, at most five. */
export interface IntentClassifier {
  /** Names the model and its version, so that an event can say who decided. */
  readonly model: string;
  readonly classify: (text: string, locale: string) => readonly Ranked[] | Promise<readonly Ranked[]>;
}
