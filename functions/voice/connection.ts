import type { Frame } from './lines/line.ts';

/** A socket that a call is on. */
export interface Connection {
  /** What cannot be sent any more is dropped: whoever listens is gone. */
  send(frame: Frame): void;
  /** After what was sent. */
  close(): void;
  /** What was sent and not taken by the other side yet. */
  readonly waitingBytes: number;
}
