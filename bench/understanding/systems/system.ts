import type { IntentExample } from '../../../shared/nlu/model/intent-model.ts';

/** Something that learns intents and is measured. A new one is a file beside this, and a line in `systems/index.ts`. */
export interface System {
  readonly name: string;
  /** What a bot gets whose author asks for nothing else. */
  readonly isDefault?: true;
  /** More intents than these would take minutes to train. */
  readonly mostIntents?: number;
  readonly train: (
    examples: readonly IntentExample[],
    outside: readonly string[],
    /** The set's own validation part, where it has one. */
    validation?: readonly IntentExample[],
  ) => Promise<Trained>;
}

export interface Trained {
  readonly answer: (text: string) => Answer | Promise<Answer>;
  /** Size of the model as it would be stored. */
  readonly bytes: number;
  /** The confidence from which an answer is worth giving, as the system chose it from the training part. */
  readonly threshold: number;
}

export interface Answer {
  readonly intent: string | undefined;
  /** What strangers are told by. */
  readonly confidence: number;
  /** The chance of being right for a text in scope. */
  readonly probability: number;
  /** Whether the text went on to a dearer model, where there is one. */
  readonly further?: boolean;
}
