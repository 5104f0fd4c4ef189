import { voiceLine, type VoiceLineEnd } from '../../console/page/voice-line.js';
import { fromLinear, toLinear } from '../../shared/speech/codecs.ts';
import { asteriskLine, twilioLine } from './gateways.ts';

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

/** Opens a line as a gateway does. `url`: the address with a ticket, asked again after a lost socket. */
export function openLine(by: CalledBy, url: () => Promise<string>, on: LineListener): CallerLine {
  switch (by) {
    case 'turnstream':
      return ownLine(url, on);
    case 'twilio':
      return twilioLine(url, on);
    case 'asterisk':
      return asteriskLine(url, on);
  }
}

function ownLine(url: () => Promise<string>, on: LineListener): CallerLine {
  const rate = RATES.turnstream;
  const line = voiceLine({
    url,
    format: { codec: 'l16', rate },
    on: {
      ...on,
      opened: (_stream, again) => {
        on.opened(again);
      },
      sound: (bytes) => {
        on.sound(toLinear(bytes, 'l16'));
      },
    },
  });
  return {
    rate,
    send: (samples) => {
      line.send(fromLinear(samples, 'l16'));
    },
    press: line.press,
    reached: line.mark,
    cleared(marks) {
      for (const name of marks) line.mark(name);
      line.cleared();
    },
    hangUp: line.stop,
  };
}
