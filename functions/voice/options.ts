import type { Bot } from '../../shared/bot/bot.ts';
import type { Tail } from '../../shared/log/append.ts';
import type { Log } from '../../shared/log/log.ts';
import type { AudioLog } from '../../shared/speech/audio-log.ts';
import type { CallRef } from '../../shared/speech/chunk.ts';
import type { Voice } from '../../shared/speech/tts/voice.ts';
import type { Gateway } from './lines/line.ts';
import type { SoundBudget } from './sound-budget.ts';

/** How much a call may take, and how long. Milliseconds. */
export interface CallLimits {
  /** Of one event of the stream of audio. */
  readonly chunkMs: number;
  /** Calls of a tenant in this process. */
  readonly callsPerTenant: number;
  /** Of the sound that the log keeps of a tenant, in all processes together. */
  readonly soundBytesPerTenant: number;
  /** A line has to say what it is within this time. */
  readonly startMs: number;
  /** A gateway that sends nothing at all for so long has lost the call. */
  readonly deadMs: number;
  readonly longestMs: number;
  /** A call of which its process says nothing for so long is taken for lost. It says so three times as often. */
  readonly leaseMs: number;
  /** What may wait for a gateway that does not read, in bytes. */
  readonly unreadBytes: number;
  /** How long a client that can resume may be away. */
  readonly awayMs: number;
  /** Between two keys that belong together. */
  readonly betweenDigitsMs: number;
  /** An interruption without words in this time was none. */
  readonly falseInterruptionMs: number;
}

export const CALL_LIMITS: CallLimits = {
  chunkMs: 100,
  callsPerTenant: 200,
  soundBytesPerTenant: 8 * 1024 ** 3,
  startMs: 10_000,
  deadMs: 60_000,
  longestMs: 4 * 3_600_000,
  leaseMs: 30_000,
  unreadBytes: 1024 * 1024,
  awayMs: 15_000,
  betweenDigitsMs: 3_000,
  falseInterruptionMs: 2_000,
};

/** Watches calls. Nothing that it is told holds what somebody said. */
export interface CallWatch {
  began(gateway: Gateway): void;
  ended(gateway: Gateway, reason: string, ms: number): void;
  /** Something of a gateway's was wrong: a frame, or its order. */
  flaw(gateway: Gateway | 'unknown', kind: string): void;
  failed(what: string, error: unknown): void;
}

/** Says for how long a call is looked after; where nobody says so any more, somebody else ends it. */
export type Lease = (ref: CallRef) => Promise<void>;

/** Tells the words that are made out while somebody still speaks, as they are announced. Without a promise. */
export type Partials = (
  ref: CallRef,
  heard: (utterance: number, text: string) => void,
) => { readonly stop: () => void };

/** What calls need of their surroundings. */
export interface Surroundings {
  readonly log: Log;
  readonly tail: Tail;
  readonly audio: AudioLog;
  readonly budget: Pick<SoundBudget, 'hasRoom'>;
  readonly voice: Voice | undefined;
  readonly lease: Lease;
  readonly partials: Partials;
  readonly bots: (hash: string) => Bot | Promise<Bot>;
  readonly now: () => Date;
  /** A clock that never goes back, milliseconds. */
  readonly clock: () => number;
  readonly limits: CallLimits;
  readonly watch: CallWatch;
}
