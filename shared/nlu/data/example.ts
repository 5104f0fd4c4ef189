import type { BotIssue } from '../../bot/error.ts';

/** A value that is marked in an example. Places are code points of the text, `end` is the first behind it. */
export interface MarkedEntity {
  readonly entity: string;
  readonly start: number;
  readonly end: number;
  /** The canonical value: what stands there, where nothing else is said. */
  readonly value: string;
  readonly role?: string;
  readonly group?: string;
}

/** A sentence that stands for an intent, and where it was found. */
export interface TrainingExample {
  readonly text: string;
  readonly intent: string;
  readonly entities: readonly MarkedEntity[];
  readonly file: string;
  readonly line: number;
}

/** A line that says how values are found: kept for the entities, of no use for intents. */
export interface EntityLine {
  readonly kind: 'regex' | 'lookup' | 'synonym';
  readonly name: string;
  readonly text: string;
}

/** Something that is wrong in training data. An error: nothing is trained; a warning: repaired as the message says. */
export interface DataProblem extends BotIssue {
  readonly severity: 'error' | 'warning';
}

/** What was found in files of training data. */
export interface TrainingData {
  readonly examples: readonly TrainingExample[];
  readonly entityLines: readonly EntityLine[];
  readonly problems: readonly DataProblem[];
}

/** Longer texts are no sentences of customers. UTF-16 units. */
export const LONGEST_EXAMPLE = 1_000;
/** More would take minutes and gigabytes, and no bot has them. */
export const MOST_EXAMPLES = 100_000;

export const error = (issue: BotIssue): DataProblem => ({ ...issue, severity: 'error' });
export const warning = (issue: BotIssue): DataProblem => ({ ...issue, severity: 'warning' });
