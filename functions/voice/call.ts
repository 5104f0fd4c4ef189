import type { DataOf } from '../../events/define.ts';
import { callEnded, callGreeted, digitsEntered } from '../../events/call.ts';
import { utteranceReceived } from '../../events/understanding.ts';
import type { Bot } from '../../shared/bot/bot.ts';
import { derivedId } from '../../shared/runtime/ids.ts';
import type { Stored } from '../../shared/log/log.ts';
import type { CallRef } from '../../shared/speech/chunk.ts';
import type { Connection } from './connection.ts';
import { collecting, type Digits } from './digits.ts';
import { feed } from './feed.ts';
import { greetingOf } from './greeting.ts';
import { EMITTER, idOf, journal } from './journal.ts';
import type { Past } from './taking-up.ts';
import type { Frame, Line, LineEvent } from './lines/line.ts';
import { listeningTo } from './listening-to.ts';
import type { Surroundings } from './options.ts';
import { patienceFor } from './patience.ts';
import { recording } from './recording.ts';
import { speaking } from './speaking.ts';
import { streamOf } from './stream-name.ts';

/** Why a call is over. */
export type CallEnd = DataOf<typeof callEnded>['reason'];

/** Somebody on the line. */
export interface Call {
  readonly ref: CallRef;
  hear(event: LineEvent): void;
  tick(nowMs: number): void;
  /** A socket is gone; `cleanly`: it was closed as sockets are, and did not break. */
  dropped(connection: Connection, how: 'cleanly' | 'broken'): void;
  /** The caller's client comes back on another socket. */
  resume(line: Line, connection: Connection, mark: string | undefined): void;
  end(reason: CallEnd): Promise<void>;
  /** The caller's last frame of sound that is here (0: none). */
  readonly lastSequence: number;
  /** When it is over, and everything about it stands in the log. */
  readonly over: Promise<CallEnd>;
}

export interface CallOptions {
  readonly ref: CallRef;
  /** Where `call.started` stands. */
  readonly position: number;
  readonly started: Extract<LineEvent, { kind: 'started' }>;
  readonly line: Line;
  readonly connection: Connection;
  readonly bot: Bot;
  readonly locale: string;
  readonly channel: string;
  readonly timezone: string | undefined;
  /** Whom the caller is connected to where a person is asked for. */
  readonly transferTo: string | undefined;
  /** What happened in the call while another process held it. */
  readonly past?: Past;
}

/** A client that keeps what it sent is told so often that it need not: each second. */
const ACKNOWLEDGED_FRAMES = 50;
/** More nonsense than this, and it is no gateway. */
const MOST_MALFORMED = 100;
/** How long what is said at the end may take, beyond its own length. */
const FAREWELL_MS = 2_000;

/** A call that has begun: from here on the log says what happens, and this process only carries sound. */
export function call(options: CallOptions, at: Surroundings): Call {
  const { ref, started, bot, locale, past } = options;
  const { limits, watch, clock } = at;
  const { gateway, facts } = started;
  const { voice: manners } = bot.settings;
  const began = clock() - (past ? at.now().getTime() - past.startedAt : 0);
  let { line, connection } = options;
  let away: number | undefined;
  let heardAt = clock();
  let leasedAt = -Infinity;
  let acknowledged = past?.recorded.through.frame ?? 0;
  let malformed = 0;
  let keypad = past?.keypad ?? 0;
  let isOver = false;
  let leaving: { readonly why: 'closed' | 'transferred'; readonly at: number } | undefined;
  let resolveOver: (reason: CallEnd) => void = () => undefined;
  const over = new Promise<CallEnd>((resolve) => (resolveOver = resolve));

  const send = (frames: readonly Frame[]) => {
    for (const frame of frames) connection.send(frame);
  };
  const book = journal(at, ref, () => void end('closed'));
  const speech = speaking({
    call: ref.call,
    line: () => line,
    facts,
    send,
    voice: at.voice,
    journal: book,
    ...(past && { said: past.said, mark: started.resumes?.mark }),
    onFailure: (error) => {
      watch.failed('speech', error);
    },
  });
  const said = listeningTo({
    call: ref.call,
    speech,
    clock,
    falseInterruptionMs: limits.falseInterruptionMs,
    onLeave: (why) => {
      if (why === 'transferred' && options.transferTo === undefined) return;
      leaving ??= { why, at: clock() };
    },
    onEnded: () => void end('lost'),
  });
  const sound = recording({
    audio: at.audio,
    ref,
    format: started.format,
    chunkMs: limits.chunkMs,
    startedMs: began,
    resumable: gateway === 'turnstream',
    ...(past && { after: past.recorded }),
    accompanying: () => ({
      patience: patienceFor(manners, said.asked),
      locale: said.locale ?? locale,
      playing: speech.audible,
    }),
    onUnkept: (why) => void end(why === 'too-fast' ? 'malformed' : 'lost', why === 'taken-over'),
    onFlaw: (kind) => {
      watch.flaw(gateway, kind);
    },
  });
  const keys = collecting(manners?.betweenKeysMs ?? limits.betweenDigitsMs, () =>
    said.asked === undefined ? undefined : manners?.questions?.[said.asked]?.keys,
  );
  const greeted = idOf(ref.call, 'greeted');
  const greeting = past?.events.some(({ envelope }) => envelope.id === greeted) ? undefined : greetingOf(bot, locale);
  if (greeting) {
    const { response, text } = greeting;
    const data = { call: ref.call, response, messages: [{ text, buttons: [] }], locale };
    // It is spoken when it stands in the log, like everything else.
    void book.write(callGreeted(data), { id: greeted, causation: ref.call });
  }
  for (const stored of past?.events ?? []) said.take(stored);
  const take = (stored: Stored) => {
    said.take(stored);
  };
  const events = feed(at.log, ref, past?.events.at(-1)?.position ?? options.position, take, {
    look: past !== undefined,
  });
  const words = at.partials(ref, (utterance, text) => {
    said.words(utterance, text);
    send(line.partial(utterance, text));
  });
  if (past) sound.resumed(clock());
  watch.began(gateway);

  const entered = (complete: Digits | undefined) => {
    if (!complete) return;
    const id = idOf(ref.call, `keys-${++keypad}`);
    const { channel, timezone } = options;
    void book.write(digitsEntered({ call: ref.call, ...complete }), { id, causation: ref.call });
    const turn = derivedId(id, EMITTER, 0);
    const { name, hash } = bot;
    const words = {
      text: complete.digits,
      locale: said.locale ?? locale,
      channel,
      bot: { name, hash },
      ...(timezone !== undefined && { timezone }),
    };
    void book.write(utteranceReceived(words), { id: turn, turn, causation: id });
  };

  function hear(event: LineEvent): void {
    const nowMs = clock();
    heardAt = nowMs;
    switch (event.kind) {
      case 'media':
        sound.hear(event.sound, event.sequence, nowMs);
        break;
      case 'dtmf':
        speech.interrupt('digits', nowMs);
        entered(keys.press(event.digit, nowMs));
        break;
      case 'mark':
        speech.marked(event.name, nowMs);
        break;
      case 'buffering':
        speech.buffering(event.full);
        break;
      case 'stopped':
        void end(event.reason === 'hung-up' ? 'hung-up' : 'lost');
        break;
      case 'malformed':
        watch.flaw(gateway, event.why);
        if (event.fatal || ++malformed > MOST_MALFORMED) void end('malformed');
        break;
      case 'started':
      case 'cleared':
        break;
      default:
        event satisfies never;
    }
  }

  async function end(reason: CallEnd, isWrittenAlready = false): Promise<void> {
    if (isOver) {
      await over;
      return;
    }
    isOver = true;
    const isGone = reason === 'hung-up' || reason === 'lost';
    entered(keys.hungUp());
    speech.end(isGone ? 'hung-up' : 'replaced', clock());
    events.stop();
    words.stop();
    if (!isGone) send(reason === 'transferred' ? line.transfer(options.transferTo ?? '') : line.hangUp());
    connection.close();
    const unkept = await sound.end();
    // Whoever has gone on with the call ends it.
    if (!isWrittenAlready && unkept !== 'taken-over') {
      const id = idOf(ref.call, 'ended');
      await book.write(callEnded({ call: ref.call, reason, ms: sound.ms }), { id, causation: ref.call });
    }
    await book.idle();
    watch.ended(gateway, reason, sound.ms);
    resolveOver(reason);
  }
  return {
    ref,
    over,
    hear,
    end,
    get lastSequence() {
      return sound.lastSequence;
    },
    dropped(gone, how) {
      if (gone !== connection) return;
      // Only our own clients can come back. Some gateways have no other word for hanging up.
      if (gateway !== 'turnstream') void end(how === 'cleanly' ? 'hung-up' : 'lost');
      else {
        away ??= clock();
        speech.away(clock());
      }
    },
    resume(newLine, newConnection, mark) {
      connection.close();
      line = newLine;
      connection = newConnection;
      away = undefined;
      heardAt = clock();
      sound.resumed(heardAt);
      send(line.accept(streamOf(ref), sound.lastSequence));
      speech.again(clock(), mark);
    },
    tick(nowMs) {
      if (isOver) return;
      // Who can come back sends what was said meanwhile.
      if (away === undefined) sound.tick(nowMs);
      said.tick(nowMs);
      events.tick(nowMs);
      if (away === undefined) speech.tick(nowMs);
      entered(keys.due(nowMs));
      if (sound.keptSequence >= acknowledged + ACKNOWLEDGED_FRAMES) {
        acknowledged = sound.keptSequence;
        send(line.acknowledge(acknowledged));
      }
      if (nowMs - leasedAt >= limits.leaseMs / 3) {
        leasedAt = nowMs;
        at.lease(ref).catch((error: unknown) => {
          watch.failed('lease', error);
        });
      }
      if (away !== undefined) {
        if (nowMs - away > limits.awayMs) void end('lost');
      } else if (nowMs - heardAt > limits.deadMs) void end('lost');
      if (!at.budget.hasRoom(ref.tenant)) void end('too-much');
      if (nowMs - began > limits.longestMs) void end('too-long');
      if (connection.waitingBytes > limits.unreadBytes) void end('too-slow');
      if (leaving && !speech.active && nowMs - leaving.at > FAREWELL_MS) void end(leaving.why);
    },
  };
}
