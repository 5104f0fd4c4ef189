import { MAX_FRAME_BYTES, type Frame, type Line, type LineEvent, type Malformation } from './line.ts';

/** What a dialect has to say for itself: `hear`, and of the rest what its gateway can do. */
export type Dialect = Pick<Line, 'hear'> & Partial<Omit<Line, 'hear'>>;

/** A frame that was not understood. */
export const malformed = (why: Malformation, fatal = false): LineEvent => ({ kind: 'malformed', why, fatal });

const NOTHING: readonly Frame[] = [];
/** Nothing of these makes sense before somebody is there. */
const ON_THE_LINE: ReadonlySet<LineEvent['kind']> = new Set(['media', 'dtmf', 'mark', 'cleared', 'buffering']);

/**
 * Makes a line of a dialect: keeps the order start, talk, stop; answers with nothing what the gateway cannot do, and
 * hears nothing after the end.
 */
export function speak(dialect: Dialect): Line {
  let phase: 'before' | 'on' | 'over' = 'before';

  const admit = (event: LineEvent): LineEvent => {
    if (event.kind === 'started') {
      if (phase === 'on') return malformed('started-twice');
      phase = 'on';
      return event;
    }
    if (phase === 'before' && ON_THE_LINE.has(event.kind)) return malformed('not-started');
    if (event.kind === 'stopped' || (event.kind === 'malformed' && event.fatal)) phase = 'over';
    return event;
  };
  const say = <T extends unknown[]>(frames: ((...of: T) => readonly Frame[]) | undefined) =>
    frames ? (...of: T) => (phase === 'on' ? frames(...of) : NOTHING) : () => NOTHING;

  return {
    hear(frame) {
      if (phase === 'over') return [];
      if (frame.length > MAX_FRAME_BYTES) return [admit(malformed('too-large', true))];
      const events: LineEvent[] = [];
      for (const event of dialect.hear(frame)) {
        events.push(admit(event));
        if (isOver()) break;
      }
      return events;
    },
    accept: say(dialect.accept),
    acknowledge: say(dialect.acknowledge),
    play: say(dialect.play),
    mark: say(dialect.mark),
    clear: say(dialect.clear),
    pause: say(dialect.pause),
    resume: say(dialect.resume),
    partial: say(dialect.partial),
    transfer: say(dialect.transfer),
    hangUp: say(dialect.hangUp),
  };

  function isOver(): boolean {
    return phase === 'over';
  }
}
