/** What a model is for. An embedding model gives vectors, a classifier labels, a reranker scores of pairs. */
export type EncoderKind = 'embedding' | 'classifier' | 'reranker';

/** How the vectors of a text's tokens become one vector. */
export type Pooling = 'mean' | 'cls';

/** What a loaded model can do, measured on the model itself and not taken from its description. */
export interface Capabilities {
  readonly kind: EncoderKind;
  /** SHA-256 of the files that decide the result, in hexadecimal digits: equal hashes give equal results. */
  readonly model: string;
  /** Numbers in a vector; a classifier's labels; 1 for a reranker. */
  readonly dimension: number;
  /** What is beyond these tokens of a text, special ones counted, is not looked at. */
  readonly maxTokens: number;
  /** A classifier's labels, in the order of the model. */
  readonly labels: readonly string[];
  readonly pooling: Pooling;
  /** Whether the weights are whole numbers of 8 bits. */
  readonly quantised: boolean;
}

/** A label and how likely it is, from 0 to 1; all labels of an answer add up to 1. */
export interface Labelled {
  readonly label: string;
  readonly probability: number;
}

/** A passage's place in the question, and how well it answers: a logit, the higher the better. */
export interface Ranked {
  readonly index: number;
  readonly score: number;
}

export interface EncodeOptions {
  /** Ends the waiting. What runs already runs to its end, and is thrown away. */
  readonly signal?: AbortSignal;
}

export interface EmbedOptions extends EncodeOptions {
  /** What the texts are: some models want questions to begin with words of their own, and add them here. */
  readonly as?: 'query' | 'passage';
}

/**
 * A model that runs beside the event loop. Any text is accepted, empty or long; one is cut at 10,000 characters and at
 * the model's tokens. All calls fail with `encoder.busy` (too much is waiting: later), `encoder.timed-out` (later),
 * `encoder.crashed` (later), `encoder.failed` (never), `encoder.closed` (never), and `encoder.unsupported` (never) where
 * the model is of another kind.
 */
export interface Encoder {
  readonly capabilities: Capabilities;
  /** One vector of length 1 for each text, in order. */
  embed(texts: readonly string[], options?: EmbedOptions): Promise<readonly Float32Array[]>;
  /** All labels, the likeliest first. */
  classify(text: string, options?: EncodeOptions): Promise<readonly Labelled[]>;
  /** All passages, the best first; equal ones in the order given. */
  rerank(query: string, passages: readonly string[], options?: EncodeOptions): Promise<readonly Ranked[]>;
  /** Ends the workers, once what runs or waits has been answered. */
  close(): Promise<void>;
}
