import type { Report } from '../lib/bench.ts';

/** How many calls a part of the bench has at a time, how long each of them is, and what listens to them. */
export interface PartOptions {
  readonly calls: number;
  readonly seconds: number;
  /** The folder of the model. */
  readonly model: string;
}

/** What a part of the bench found out. */
export type Part = Required<Pick<Report, 'figures' | 'notes'>>;
