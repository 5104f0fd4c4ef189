import type { Format } from '../../../shared/speech/chunk.ts';

/** What travels on a line: text or bytes of one WebSocket frame, or bytes of a TCP connection however they were cut. */
export type Frame = string | Uint8Array;

/** The protocols that gateways speak. */
export const GATEWAYS = [
  'twilio',
  'telnyx',
  'signalwire',
  'exotel',
  'plivo',
  'asterisk',
  'jambonz',
  'audio-fork',
  'audio-stream',
  'vonage',
  'audiosocket',
  'turnstream',
] as const;
/** One of the protocols that gateways speak. */
export type Gateway = (typeof GATEWAYS)[number];

/** Why a frame was not understood. Stable: goes to counters and to the log. */
export type Malformation =
  | 'too-large'
  | 'not-json'
  | 'shape'
  | 'unknown-event'
  | 'not-base64'
  | 'wrong-kind'
  | 'not-started'
  | 'started-twice'
  | 'codec'
  | 'no-dialect'
  /** The gateway says that it did not understand a frame of ours. */
  | 'refused';

/** What a gateway can do and how it wants to be spoken to. Known once the line has started. */
export interface LineFacts {
  /** How sound for the gateway must be written; not always as it writes its own. */
  readonly plays: Format;
  /** Bytes of 20 ms in `plays`. */
  readonly frameBytes: number;
  /** The gateway has no queue: one frame every 20 ms, by our clock, or it is lost or heard late. */
  readonly paced: boolean;
  /** It says when a `mark` was reached. Otherwise what was heard is known by our clock alone. */
  readonly marks: boolean;
  /** `clear` takes back sound that was sent. Otherwise only what was not sent yet can be kept back. */
  readonly clears: boolean;
  /** It answers `clear` with the marks that were still waiting, as if they had been reached. */
  readonly marksOnClear: boolean;
  /** `pause` and `resume` hold the gateway's own queue. */
  readonly pauses: boolean;
  /** Whom the caller is connected to next: named on the line, or left to the gateway's own program once we close. */
  readonly transfers: 'named' | 'by-closing';
  /** A longer message is refused by the gateway, or hangs up. `play` never makes one. */
  readonly maxMessageBytes: number;
  /** How much sound may be sent ahead of the moment it is heard, in milliseconds. */
  readonly maxAheadMs: number;
}

/** What a gateway told us. */
export type LineEvent =
  | {
      readonly kind: 'started';
      readonly gateway: Gateway;
      /** How the caller's sound is written. */
      readonly format: Format;
      readonly facts: LineFacts;
      /** The gateway's own name of the call; empty where it has none. */
      readonly callId: string;
      /** Personal. */
      readonly callerId?: string;
      /** What the operator gave the gateway to pass on: a ticket, a bot. Possibly personal. */
      readonly parameters: Readonly<Record<string, string>>;
      /** A lost socket comes back: which stream, the last frame of ours that arrived, and the last mark that was heard. */
      readonly resumes?: { readonly stream: string; readonly lastSequence: number; readonly mark?: string };
    }
  | {
      readonly kind: 'media';
      /** Counts from any number by one for each frame, where the gateway counts. */
      readonly sequence?: number;
      /** By the gateway's clock, since the stream began, where it says so. */
      readonly atMs?: number;
      readonly sound: Uint8Array;
    }
  | { readonly kind: 'dtmf'; readonly digit: string }
  /** Playing reached the mark, or `clear` dropped it: the gateway does not say which. */
  | { readonly kind: 'mark'; readonly name: string }
  /** What was sent has been taken back. */
  | { readonly kind: 'cleared' }
  /** The gateway's queue is full, or no longer: stop and go on sending. */
  | { readonly kind: 'buffering'; readonly full: boolean }
  | { readonly kind: 'stopped'; readonly reason: 'hung-up' | 'failed' }
  /** `fatal`: nothing that follows can be understood; close the line. */
  | { readonly kind: 'malformed'; readonly why: Malformation; readonly fatal: boolean };

/**
 * One gateway's dialect, as a state machine without input, output or clock. Nothing on it throws. What a gateway
 * cannot do gives no frames; `LineFacts` says so beforehand. Before `started` there is nobody to speak to: no frames.
 */
export interface Line {
  /** Takes a frame as it arrived. Sound in the answer may be a view of it. */
  hear(frame: Frame): readonly LineEvent[];
  /** The call is taken. `lastSequence`: the last frame that we have of a stream that is resumed (0: none). */
  accept(stream: string, lastSequence: number): readonly Frame[];
  /** We have everything up to this frame: the other side need keep no more of it. */
  acknowledge(lastSequence: number): readonly Frame[];
  /** Sound in the format `LineFacts.plays`, whole samples, in as few messages as the gateway allows. */
  play(sound: Uint8Array): readonly Frame[];
  /**
   * The end of what was played so far, to be told of when it is reached. What is left of an unfinished frame goes out
   * filled up with silence, so it belongs where speech pauses, and at the end of every reply even without
   * `LineFacts.marks`. Names: 1 to 64 of `A-Za-z0-9_-`.
   */
  mark(name: string): readonly Frame[];
  clear(): readonly Frame[];
  pause(): readonly Frame[];
  resume(): readonly Frame[];
  /** Words of an utterance that is being spoken, for clients that show them. The next ones replace them. */
  partial(utterance: number, text: string): readonly Frame[];
  /** To be sent before the socket is closed, so that the caller is connected to somebody else. */
  transfer(to: string): readonly Frame[];
  /** To be sent before the socket is closed, so that the caller is not left on a dead line. */
  hangUp(): readonly Frame[];
}

/** How a connection was opened: what is known before its first frame. */
export interface Opening {
  /** Of the URL: `/v1/voice/twilio` names its dialect in the last part. */
  readonly path: string;
  /** Of the URL. */
  readonly query: Readonly<Record<string, string>>;
  /** `Sec-WebSocket-Protocol`, as offered. */
  readonly protocols: readonly string[];
}

/** A longer frame is not looked into. No gateway sends more than a second of sound at once. */
export const MAX_FRAME_BYTES = 128 * 1024;

/** Bytes of a sample. */
export const sampleBytes = ({ codec }: Format): number => (codec === 'l16' ? 2 : 1);

/** Bytes of so many milliseconds of sound, whole samples. */
export const bytesOf = (format: Format, ms: number): number =>
  Math.round((format.rate * ms) / 1_000) * sampleBytes(format);
