/** One frame of an event stream. */
export interface Frame {
  readonly id: string | undefined;
  readonly event: string;
  readonly data: string;
}

/** An event as the gateway sends it. */
export interface SessionEvent {
  readonly position: number;
  readonly previous: number;
  readonly id: string;
  readonly type: string;
  readonly time: string;
  readonly turn?: string;
  readonly causation?: string;
  readonly emitter: string;
  readonly basis?: number;
  // One shape for each type; whoever reads it switches on the type first.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly data: any;
}

/** The words of an utterance that is being spoken. */
export interface PartialWords {
  readonly call: string;
  readonly utterance: number;
  readonly text: string;
}

export type FollowState =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'live' }
  | { readonly kind: 'waiting'; readonly ms: number }
  /** For good: the key is wrong, or there is no such session. */
  | { readonly kind: 'refused'; readonly status: number };

export interface FollowOptions {
  readonly url: string;
  /** Asked again for each connection. */
  readonly headers: () => Readonly<Record<string, string>>;
  /** The position of the last event that is known. */
  readonly after: number;
  readonly signal: AbortSignal;
  readonly onEvent: (event: SessionEvent) => void;
  /** Words of a caller that may still change. */
  readonly onPartial?: (words: PartialWords) => void;
  readonly onState: (state: FollowState) => void;
}

export function framesOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<Frame, void, undefined>;
export function follow(options: FollowOptions): Promise<void>;
