import type { EventId } from '../../events/envelope.ts';
import type { SessionRef } from '../log/log.ts';
import { partitionOf } from '../log/subjects.ts';

/** How a sample is written: G.711 µ-law or A-law in 8 bits, or linear, signed, little-endian in 16. */
export type Codec = 'mulaw' | 'alaw' | 'l16';

/** How the sound of a call is written. One channel. */
export interface Format {
  readonly codec: Codec;
  /** Samples a second: 8,000 to 48,000. */
  readonly rate: number;
}

/** When an utterance is over. Rides with the sound, so whoever hears it decides the same. All in milliseconds. */
export interface Patience {
  /** Silence after words. */
  readonly afterWordsMs: number;
  /** Silence where nothing was made out. */
  readonly withoutWordsMs: number;
  /** Of one utterance. */
  readonly longestMs: number;
}

/** The defaults of the field: sherpa-onnx's rules 2, 1 and 3, the first one shortened as for telephone dialogue. */
export const PATIENCE: Patience = { afterWordsMs: 700, withoutWordsMs: 2_400, longestMs: 20_000 };

/** Which call, in which session. */
export interface CallRef extends SessionRef {
  readonly call: EventId;
}

/** A piece of a caller's sound as it stands in the stream of audio: 60 to 300 ms of what a gateway sent. */
export interface Chunk {
  /** Chunks of a call count from 1 without a gap. */
  readonly number: number;
  /** Where it begins, in milliseconds of sound since the call began. */
  readonly fromMs: number;
  readonly format: Format;
  readonly sound: Uint8Array;
  readonly patience: Patience;
  /** The language that is spoken, BCP 47: which engine listens. */
  readonly locale: string;
  /** Something was being played to the caller when it was heard. */
  readonly playing: boolean;
  /** The last of the call: whatever is unfinished ends here. */
  readonly last: boolean;
  /** Up to where a client's own frames are in it, where the client can send again what is not. */
  readonly through?: Through;
}

/** A place in the frames of a client that counts them. */
export interface Through {
  /** The last frame that is there as a whole (0: none). */
  readonly frame: number;
  /** How many bytes of the next one are there. */
  readonly bytes: number;
}

/** A chunk as read back: its place in the stream, and that of the chunk before it in the same call (0: none). */
export interface StoredChunk extends Chunk {
  readonly position: number;
  readonly previous: number;
}

const path = ({ tenant, session, call }: CallRef): string =>
  `${partitionOf({ tenant, session })}.${tenant}.${session}.${call}`;

/** Where the sound of a call stands. */
export const audioSubject = (ref: CallRef): string => `audio.${path(ref)}`;

/** Where the newest state of listening to a call stands. */
export const hearingSubject = (ref: CallRef): string => `hearing.${path(ref)}`;

/** Where a partial transcript is announced. Never stored: the next one replaces it, and the audio gives it again. */
export const partialSubject = (ref: CallRef): string => `partial.${path(ref)}`;

/** Where those of all calls of a session are announced. */
export const partialsSubject = ({ tenant, session }: SessionRef): string =>
  `partial.${partitionOf({ tenant, session })}.${tenant}.${session}.*`;
