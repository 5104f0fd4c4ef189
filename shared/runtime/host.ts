import type { Envelope } from '../../events/envelope.ts';
import type { Bot } from '../bot/bot.ts';
import type { PlatformError } from '../errors/index.ts';
import type { OpenTurn } from '../function/define.ts';
import type { Tail } from '../log/append.ts';
import type { Log, Stored } from '../log/log.ts';
import type { Sessions } from './recall.ts';

/** An event on its way to a function. */
export interface Delivery {
  readonly stored: Stored;
  /** How often a process has begun with it, this time included: 1 where nothing that follows can be stored yet. */
  readonly attempt: number;
}

/** What a decider has found once nothing was left to decide. */
export interface Settled {
  readonly position: number;
  /** The turns that had not ended by then. */
  readonly turns: readonly OpenTurn[];
}

/** What became of a delivery. Each host translates it to its own verbs; none adds a case. */
export type Outcome =
  | { readonly kind: 'appended'; readonly events: readonly Stored[]; readonly settled?: Settled }
  | { readonly kind: 'ignored'; readonly settled?: Settled }
  | { readonly kind: 'retry'; readonly afterMs: number; readonly error: PlatformError }
  | { readonly kind: 'rejected'; readonly error: PlatformError };

/** Loads a bot by the hash of its content. Fails with `bot.unknown` (retry later) where nobody has published it. */
export type BotStore = (hash: string) => Bot | Promise<Bot>;

/** Watches what functions do. The default watches nothing. */
export interface Telemetry {
  /** Runs a step in a span that continues the event's trace; `run` gets the trace context for what it emits. */
  step<T>(name: string, event: Envelope, run: (traceparent: string | undefined) => Promise<T>): Promise<T>;
  /** Counts an outcome of a function. */
  outcome(fn: string, delivery: Delivery, outcome: Outcome, ms: number): void;
  /** Counts a decision that had to be made again because the session had moved on. */
  conflict(fn: string): void;
}

/** Everything a function needs of its surroundings. */
export interface Host {
  readonly log: Log;
  readonly tail: Tail;
  readonly sessions: Sessions;
  readonly bots: BotStore;
  readonly now: () => Date;
  readonly ports: object;
  readonly telemetry: Telemetry;
}

/** A telemetry that watches nothing. */
export const unwatched: Telemetry = {
  step: (_name, event, run) => run(event.traceparent),
  outcome: () => undefined,
  conflict: () => undefined,
};
