import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { IntentExample } from '../../../shared/nlu/model/intent-model.ts';

/** A published set: what is learned from, what is judged, and what the platform wants to reach on it. */
export interface BenchSet {
  readonly name: string;
  readonly train: readonly IntentExample[];
  /** Never trained on, and nothing is chosen by it. */
  readonly test: readonly IntentExample[];
  /** For choosing a threshold and the weight of a net, where the set has such a part. */
  readonly validation?: readonly IntentExample[];
  /** Texts out of scope, by part. */
  readonly outside?: {
    readonly train: readonly string[];
    readonly validation: readonly string[];
    readonly test: readonly string[];
  };
  readonly goals: Goals;
  /** Train and test share sentences: what is only in test is reported, too. */
  readonly repeats?: boolean;
}

/** In percent, but for the AUROC, and what training a default model may take in seconds and MB. */
export interface Goals {
  readonly accuracy?: number;
  readonly unseen?: number;
  readonly auroc?: number;
  readonly answered?: number;
  readonly turnedAway?: number;
  readonly seconds?: number;
  readonly memory?: number;
}

const DATA = fileURLToPath(new URL('../../../../shared/data/nlu/', import.meta.url));

/** Whether the sets are there: they are no part of the repository, for their licences' sake. */
export const dataIsThere = (): boolean => existsSync(DATA);

/** The rows of one file of a set. */
export function rows(path: string): readonly IntentExample[] {
  return readFileSync(`${DATA}${path}`, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const { text, intent } = JSON.parse(line) as IntentExample;
      return { text, intent };
    });
}

/** The texts of one file of a set. */
export const texts = (path: string): readonly string[] => rows(path).map(({ text }) => text);
