/** A session that the load generator talks in. */
export interface LoadSession {
  /** What `sessionId` says. */
  readonly id: string;
  /** The API key of its tenant. */
  readonly key: string;
}

/** What a load generator is told once. */
export interface LoadSetup {
  readonly port: number;
  readonly sessions: readonly LoadSession[];
  /** What is said, in turn, in each session. */
  readonly queries: readonly string[];
}

/** What it is to do next. */
export type LoadOrder =
  /** Turns at a constant rate, whether the earlier ones are answered or not. */
  | { readonly kind: 'open'; readonly perSecond: number; readonly turns: number }
  /** Each of the first `users` sessions says something, waits for the answer, thinks, and goes on, for a time. */
  | {
      readonly kind: 'users';
      readonly users: number;
      readonly thinkMs: readonly [number, number];
      readonly seconds: number;
    };

/** What came of an order. */
export interface LoadResult {
  /** How long it took, the last answers included. */
  readonly ms: number;
  readonly sent: number;
  /** From the moment at which each turn was to be sent to its reply, for those that were answered. */
  readonly latencies: Float64Array;
  /** Turns that were answered, by ending. */
  readonly endings: Readonly<Record<string, number>>;
  /** Of these, turns that were answered later than a chat request waits. */
  readonly late: number;
  /** Turns that were accepted and not answered. */
  readonly unanswered: number;
  /** Turns that were refused on purpose: 429 and 503, by what was said. */
  readonly refused: Readonly<Record<string, number>>;
  /** Everything else, by what it was. */
  readonly errors: Readonly<Record<string, number>>;
  /** Accepted turns of each session. */
  readonly turns: readonly number[];
}

/** What goes from the bench to the load generator. */
export type ToLoad = { readonly setup: LoadSetup } | { readonly order: LoadOrder };
/** What comes back. */
export type FromLoad =
  { readonly ready: true } | { readonly done: number } | { readonly result: LoadResult } | { readonly failed: string };
