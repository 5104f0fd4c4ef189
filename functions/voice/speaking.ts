import type { DataOf } from '../../events/define.ts';
import { playbackCompleted, playbackInterrupted, playbackResumed } from '../../events/call.ts';
import type { EventId } from '../../events/envelope.ts';
import { fromLinear } from '../../shared/speech/codecs.ts';
import { atRate } from '../../shared/speech/at-rate.ts';
import type { Format } from '../../shared/speech/chunk.ts';
import type { Voice } from '../../shared/speech/tts/voice.ts';
import type { Recording } from '../../shared/speech/wav.ts';
import type { Frame, Line, LineFacts } from './lines/line.ts';
import { idOf, type Journal } from './journal.ts';
import { heardOf, markName } from './mark-names.ts';
import { playout, type Playout } from './playout.ts';
import { sentencesOf } from './sentences.ts';

/** What is to be said to a caller, and the event that says so. */
export interface Saying {
  readonly of: EventId;
  readonly text: string;
  readonly locale: string;
}

type Why = DataOf<typeof playbackInterrupted>['reason'];

/** Speaks to the caller on a line. Times by a clock that never goes back, milliseconds. */
export interface Speaking {
  say(saying: Saying): void;
  tick(nowMs: number): void;
  /** The caller speaks or presses keys: nothing more is heard. Where it was nothing, `resume` goes on. */
  interrupt(why: Why, nowMs: number): void;
  /** It was no interruption: what was being said goes on from where it was. */
  resume(nowMs: number): void;
  /** It was one: what was left is not said any more. */
  drop(): void;
  marked(name: string, nowMs: number): void;
  buffering(full: boolean): void;
  /** The caller's socket is lost: nothing is heard any more, and nothing said. */
  away(nowMs: number): void;
  /** The caller comes back on another socket: what was sent last may not have arrived. `mark`: the last one heard. */
  again(nowMs: number, mark?: string): void;
  /** The call is over. */
  end(why: Why, nowMs: number): void;
  /** Something is being said, or is about to be. */
  readonly active: boolean;
  /** Something can be heard right now. */
  readonly audible: boolean;
}

export interface SpeakingOptions {
  readonly call: EventId;
  readonly line: () => Line;
  readonly facts: LineFacts;
  readonly send: (frames: readonly Frame[]) => void;
  readonly voice: Voice | undefined;
  readonly journal: Journal;
  /** What another process has said already, or was interrupted in. */
  readonly said?: ReadonlySet<EventId>;
  /** The last mark that the caller's client heard, in whichever process. */
  readonly mark?: string | undefined;
  /** Something that was begun could not be made into sound. */
  readonly onFailure?: (error: unknown) => void;
}

/** No more than this leaves before it is heard: a longer queue at a gateway takes longer to clear, and gains nothing. */
const AHEAD_MS = 1_000;
/** Sound that is made in advance. */
const MADE_AHEAD_MS = 8_000;
/** After so long a gateway that promised to say what it has played is not waited for. */
const MARK_PATIENCE_MS = 2_000;

interface Current extends Saying {
  readonly sentences: string[];
  readonly out: Playout;
  readonly stop: AbortController;
  /** Marks that were sent, and how far they reach. */
  readonly marks: Map<string, number>;
  /** Up to where marks were sent. */
  markedMs: number;
  making: boolean;
  /** A part of it could not be made. */
  failed: boolean;
  /** The end was marked. */
  finished: boolean;
  endsAt: number | undefined;
  /** It was interrupted, and may go on. */
  held: boolean;
  times: number;
}

/** What is said on one line, one saying after the other, and what of it was heard, written down. */
export function speaking(options: SpeakingOptions): Speaking {
  const { call, line, facts, send, voice, journal: book, said, mark: heardMark, onFailure = () => undefined } = options;
  const aheadMs = Math.min(facts.maxAheadMs, AHEAD_MS);
  const queue: Saying[] = [];
  let current: Current | undefined;
  let full = false;
  let serial = 0;
  let over = false;

  const figures = ({ of, out }: Current, heardMs: number) => ({
    call,
    of,
    heardMs: Math.round(heardMs),
    ofMs: Math.round(out.ofMs),
  });
  const note = (made: Parameters<Journal['write']>[0], { of, times }: Current, what: string) =>
    void book.write(made, { id: idOf(of, `${call}-${what}-${times}`), causation: of });
  const unsaid = (saying: Saying, reason: Why) =>
    void book.write(playbackInterrupted({ call, of: saying.of, heardMs: 0, ofMs: 0, heard: '', reason }), {
      id: idOf(saying.of, `${call}-unsaid`),
      causation: saying.of,
    });

  const begin = () => {
    const next = queue.shift();
    if (!next || over) return;
    const sentences = [...sentencesOf(next.text)];
    if (sentences.length === 0) return;
    if (!voice) {
      unsaid(next, 'no-speech');
      return;
    }
    current = {
      ...next,
      sentences,
      out: playout(facts.plays, aheadMs, heardOf(heardMark, next.of) ?? 0),
      stop: new AbortController(),
      marks: new Map(),
      markedMs: 0,
      making: false,
      failed: false,
      finished: false,
      endsAt: undefined,
      held: false,
      times: 0,
    };
  };
  const make = (now: Current, nowMs: number) => {
    const sentence = now.sentences[0];
    if (!voice || sentence === undefined || now.making || now.out.ofMs - now.out.heardMs(nowMs) > MADE_AHEAD_MS) return;
    now.making = true;
    voice.say(sentence, now.locale, now.stop.signal).then(
      (recording) => {
        now.making = false;
        now.sentences.shift();
        now.out.add({ text: sentence, sound: soundFor(recording, facts.plays) });
      },
      (error: unknown) => {
        now.making = false;
        if (current !== now || now.stop.signal.aborted) return;
        onFailure(error);
        // What was made already is still heard; the rest is not.
        now.sentences.length = 0;
        now.failed = true;
      },
    );
  };
  const play = (now: Current, nowMs: number) => {
    const due = full ? undefined : now.out.due(nowMs);
    if (due) {
      send(line().play(due.sound));
      mark(now, due.toMs);
    }
    const all = now.sentences.length === 0 && !now.making && now.out.isSent;
    if (!all) return;
    if (now.out.ofMs === 0) {
      complete(now);
      return;
    }
    if (!now.finished) {
      now.finished = true;
      mark(now, now.out.ofMs);
    }
    if (now.out.heardMs(nowMs) < now.out.ofMs) return;
    now.endsAt ??= nowMs + (now.marks.size > 0 ? MARK_PATIENCE_MS : 0);
    if (now.marks.size === 0 || nowMs >= now.endsAt) complete(now);
  };
  /** Also the gateway's reason to fill up an unfinished frame. */
  const mark = (now: Current, toMs: number) => {
    const last = now.out.isSent && now.sentences.length === 0 && !now.making;
    if (!last && (!facts.marks || toMs - now.markedMs < MARK_EVERY_MS)) return;
    now.markedMs = toMs;
    const name = markName(now.of, toMs, ++serial);
    if (facts.marks) now.marks.set(name, toMs);
    send(line().mark(name));
    if (last) now.finished = true;
  };
  const complete = (now: Current) => {
    current = undefined;
    const all = figures(now, now.out.ofMs);
    const heard = now.out.heard(Infinity);
    if (now.failed) note(playbackInterrupted({ ...all, heard, reason: 'failed' }), now, 'failed');
    else note(playbackCompleted(all), now, 'completed');
    begin();
  };
  const leave = (now: Current) => {
    now.stop.abort();
    if (current === now) current = undefined;
  };

  return {
    say(saying) {
      if (over || said?.has(saying.of)) return;
      // Whatever was interrupted has been answered.
      this.drop();
      queue.push(saying);
      if (!current) begin();
    },
    tick(nowMs) {
      if (!current) begin();
      const now = current;
      if (!now || now.held) return;
      make(now, nowMs);
      play(now, nowMs);
    },
    interrupt(why, nowMs) {
      for (const saying of queue.splice(0)) unsaid(saying, why);
      const now = current;
      if (!now || now.held) return;
      now.held = true;
      now.times++;
      // A gateway that can wait keeps what it has; from others it is taken back.
      const pauses = why === 'spoken-over' && facts.pauses;
      send(pauses ? line().pause() : line().clear());
      now.out.hold(nowMs, pauses ? 'kept' : facts.clears ? 'lost' : 'kept');
      if (!pauses) now.marks.clear();
      const heard = now.out.heard(nowMs);
      note(playbackInterrupted({ ...figures(now, now.out.heardMs(nowMs)), heard, reason: why }), now, 'interrupted');
      if (why !== 'spoken-over') leave(now);
    },
    resume(nowMs) {
      const now = current;
      if (!now?.held || over) return;
      now.held = false;
      now.finished = false;
      now.markedMs = now.out.heardMs(nowMs);
      now.endsAt = undefined;
      if (facts.pauses) send(line().resume());
      now.out.go(nowMs);
      note(playbackResumed(figures(now, now.out.heardMs(nowMs))), now, 'resumed');
    },
    drop() {
      if (!current?.held) return;
      // What a gateway was asked to hold is not wanted any more.
      if (facts.pauses) {
        send(line().clear());
        send(line().resume());
      }
      leave(current);
    },
    marked(name, nowMs) {
      const ms = current?.marks.get(name);
      if (ms === undefined || !current) return;
      current.marks.delete(name);
      current.out.reached(ms, nowMs);
    },
    buffering(isFull) {
      full = isFull;
    },
    away(nowMs) {
      if (current && !current.held) current.out.hold(nowMs, 'lost');
    },
    again(nowMs, name) {
      full = false;
      const now = current;
      if (!now || now.held) return;
      send(line().clear());
      now.out.hold(nowMs, 'lost');
      const ms = heardOf(name, now.of);
      if (ms !== undefined) now.out.since(ms);
      now.marks.clear();
      now.markedMs = now.out.heardMs(nowMs);
      now.finished = false;
      now.endsAt = undefined;
      now.out.go(nowMs);
    },
    end(why, nowMs) {
      if (over) return;
      this.interrupt(why, nowMs);
      if (current) leave(current);
      over = true;
    },
    get active() {
      return (current !== undefined && !current.held) || queue.length > 0;
    },
    get audible() {
      return current !== undefined && !current.held && current.out.ofMs > 0;
    },
  };
}

const MARK_EVERY_MS = 500;

/** Sound as a line wants it. */
const soundFor = (recording: Recording, { codec, rate }: Format): Uint8Array =>
  fromLinear(atRate(recording, rate).samples, codec);
