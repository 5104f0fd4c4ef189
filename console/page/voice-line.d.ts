/** How sound is written, in both directions. */
export interface VoiceFormat {
  readonly codec: 'l16' | 'mulaw' | 'alaw';
  /** Samples a second. */
  readonly rate: number;
}

/** Why a line is over: by the platform or by us, because the caller goes to somebody else, or because it broke. */
export type VoiceLineEnd = 'stopped' | 'transferred' | 'refused' | 'lost';

/** What comes over the line. */
export interface VoiceLineListener {
  /** The line is open; `again`: after it had been lost. */
  opened(stream: string, again: boolean): void;
  sound(bytes: Uint8Array): void;
  /** To be answered with `mark` when playing gets here. */
  mark(name: string): void;
  /** Throw away what waits to be played, report its marks, then call `cleared`. */
  clear(): void;
  pause(): void;
  resume(): void;
  /** Words of an utterance that is being spoken; the next ones replace them. */
  partial(utterance: number, text: string): void;
  /** The socket is lost, and another one is tried. */
  away(): void;
  /** For good. Called once. */
  ended(reason: VoiceLineEnd): void;
}

export interface VoiceLineOptions {
  /** The address with a ticket; asked again for each socket. */
  readonly url: () => Promise<string>;
  readonly format: VoiceFormat;
  readonly on: VoiceLineListener;
}

/** A call of a browser or an SDK. */
export interface VoiceLine {
  /** Sends sound, at most a second, whole samples. Before the line is open, and while it is lost, it is kept. */
  readonly send: (sound: Uint8Array) => void;
  readonly press: (digit: string) => void;
  /** Playing reached the mark, or `clear` dropped it. */
  readonly mark: (name: string) => void;
  readonly cleared: () => void;
  /** Hangs up. */
  readonly stop: () => void;
  /** Drops the socket as a bad network does: the line comes back by itself. */
  readonly drop: () => void;
}

/** The client's side of docs/voice-protocol.md. */
export function voiceLine(options: VoiceLineOptions): VoiceLine;
