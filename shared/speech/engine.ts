/** What a recogniser of speech can do. Whoever chooses one looks at nothing else. */
export interface EngineCapabilities {
  /** The engine and its model, with a hash where the model has one: `small-en@1f2e3d4c`. Other weights, other name. */
  readonly model: string;
  /** Languages, as primary tags of BCP 47 (`en`); empty: any. */
  readonly languages: readonly string[];
  /** Samples a second that it wants to be given. */
  readonly rate: 8_000 | 16_000;
  /** Whether it says what it has made out while somebody still speaks. If not, `hear` always resolves to no words. */
  readonly streaming: boolean;
  /**
   * Where the state of an utterance is. `travels`: it is small and `save` gives it, so another process goes on from it.
   * `cached`: it stays in this process; another one hears the utterance from its beginning, in the same pieces.
   */
  readonly state: 'travels' | 'cached';
  /** Whether a transcript tells when each word was said. */
  readonly words: boolean;
}

/** A word of a transcript. Times count milliseconds of sound since the utterance began. */
export interface HeardWord {
  readonly text: string;
  readonly fromMs: number;
  readonly toMs: number;
}

/** What was said in an utterance. */
export interface Transcript {
  /** Words with single spaces, or Chinese characters without; empty where there were none. No punctuation is needed. */
  readonly text: string;
  /** From 0 to 1. 1 where the engine does not tell. */
  readonly confidence: number;
  readonly words?: readonly HeardWord[];
}

/**
 * One utterance that an engine listens to. Calls are made one after the other, each after the one before has resolved;
 * the same pieces always lead to the same transcript. What fails (any error) ends it: only `close` follows.
 */
export interface Recognition {
  /**
   * The next piece, of any length. Resolves to the words made out so far.
   *
   * @param signal gives up; the promise may be rejected or stay open then.
   */
  hear(sound: Int16Array, signal?: AbortSignal): Promise<string>;
  /** Nothing more comes: what was said. Called once. */
  finish(signal?: AbortSignal): Promise<Transcript>;
  /** All that another process with the same model needs to go on from here; undefined where the state does not travel. */
  save(): Uint8Array | undefined;
  /** Frees what it holds. At any time, also more than once; also after a failure. */
  close(): void;
}

/** How an utterance begins. */
export interface Beginning {
  /** The language that is spoken, BCP 47. */
  readonly locale: string;
  /** Goes on from what another process saved, which had the same `model`. */
  readonly saved?: Uint8Array | undefined;
}

/**
 * Recognises speech. What it fails with is a `PlatformError`: `asr.failed`, `asr.timed-out`, `asr.unavailable` (later)
 * or `model.invalid` (never).
 */
export interface Engine {
  readonly capabilities: EngineCapabilities;
  /** Begins to listen to an utterance. Any number may be open side by side. */
  begin(beginning: Beginning): Promise<Recognition>;
  /** Ends threads, processes and connections. Recognitions that are still open fail. */
  close(): Promise<void>;
}

/** States that travel stand in every message about a call: none may be larger, in bytes. */
export const LARGEST_TRAVELLING_STATE = 16_384;
