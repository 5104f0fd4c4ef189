import type { VoiceLineEnd } from '../../console/page/voice-line.js';

/** What a line tells the one who calls. Samples are at the line's rate. */
export interface LineListener {
  opened(again: boolean): void;
  sound(samples: Int16Array): void;
  mark(name: string): void;
  clear(): void;
  pause(): void;
  resume(): void;
  partial(utterance: number, text: string): void;
  away(): void;
  ended(reason: VoiceLineEnd): void;
}

/** A caller's end of a line. */
export interface CallerLine {
  /** Samples a second, in both directions. */
  readonly rate: number;
  /** 20 ms of sound. */
  send(samples: Int16Array): void;
  press(digit: string): void;
  /** Playing got to the mark. */
  reached(mark: string): void;
  /** What waited was thrown away, with these marks. */
  cleared(marks: readonly string[]): void;
  hangUp(): void;
}

/** The protocols that `turnstream call` speaks. */
export const CALLED_BY = ['turnstream', 'twilio', 'asterisk'] as const;
export type CalledBy = (typeof CALLED_BY)[number];

/** Samples a second of each. */
export const RATES: Readonly<Record<CalledBy, number>> = { turnstream: 16_000, twilio: 8_000, asterisk: 8_000 };
