import type { Progress } from '../../cli/progress.ts';

/** A bench by its name, and what it needs to be run. */
export interface Bench {
  readonly name: string;
  /** One line for the list. */
  readonly summary: string;
  /** Its own options beside `--quick`, each with a line of help. */
  readonly options: Readonly<Record<string, BenchOption>>;
  run(context: BenchContext): Promise<Report>;
}

export interface BenchOption {
  readonly help: string;
  /** What stands where nothing is given. */
  readonly default: string;
  /** What may be given. */
  readonly like: RegExp;
}

export const A_NUMBER = /^[1-9]\d{0,8}$/u;
/** One of some words, or several of them with commas between. */
export const oneOf = (...words: readonly string[]): RegExp => new RegExp(`^(?:${words.join('|')})$`, 'u');
export const someOf = (...words: readonly string[]): RegExp =>
  new RegExp(`^(?:${words.join('|')})(?:,(?:${words.join('|')}))*$`, 'u');

export interface BenchContext {
  /** A short form that shows whether everything works; its figures say little. */
  readonly quick: boolean;
  /** The value of an option. */
  option(name: string): string;
  /** Writes a line that stays. */
  say(line: string): void;
  /** Shows on a terminal how far something is; take it away when done. */
  progress(what: string): Progress;
  /** Ends something when the bench ends, however it ends: last begun, first ended. */
  atEnd(end: () => unknown): void;
}

/** What a figure has to be. */
export type Goal =
  | { readonly kind: 'at-most'; readonly value: number }
  | { readonly kind: 'at-least'; readonly value: number }
  | { readonly kind: 'below'; readonly value: number }
  /** Nothing has to be reached, yet everybody wants to know. */
  | { readonly kind: 'reported' };

export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly goal?: Goal;
  /** Kept in the result, and left out of the table. */
  readonly detail?: boolean;
}

/** What a bench found out. */
export interface Report {
  /** What a power cut would lose: replicas and how often the servers sync. */
  readonly durability: string;
  readonly figures: readonly Figure[];
  /** What limits it, and where the time goes. */
  readonly notes?: readonly string[];
  /** Only a part of what the bench measures was asked for: not to stand where all of it stood. */
  readonly partial?: boolean;
}

export const atMost = (value: number): Goal => ({ kind: 'at-most', value });
export const atLeast = (value: number): Goal => ({ kind: 'at-least', value });
export const below = (value: number): Goal => ({ kind: 'below', value });
export const reported: Goal = { kind: 'reported' };

/** A goal in signs. */
export function goalText(goal: Goal): string {
  switch (goal.kind) {
    case 'at-most':
      return `<= ${goal.value}`;
    case 'at-least':
      return `>= ${goal.value}`;
    case 'below':
      return `< ${goal.value}`;
    case 'reported':
      return 'reported';
  }
}

/** Whether a figure reaches its goal; undefined where it has none. */
export function isMet({ value, goal }: Figure): boolean | undefined {
  switch (goal?.kind) {
    case undefined:
    case 'reported':
      return undefined;
    case 'at-most':
      return value <= goal.value;
    case 'at-least':
      return value >= goal.value;
    case 'below':
      return value < goal.value;
  }
}
