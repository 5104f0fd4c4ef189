import type { Recording } from '../wav.ts';

/**
 * Makes speech of text. Fails with `tts.failed` or `tts.unavailable` (later), and with `tts.too-long` (never) for what
 * would take longer than anybody listens to.
 */
export interface Voice {
  /** Which engine and voice; other sound, other name. */
  readonly name: string;
  /** One sentence in a language (BCP 47). */
  say(text: string, locale: string, signal: AbortSignal): Promise<Recording>;
}
