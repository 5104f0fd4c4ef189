import { writeFile } from 'node:fs/promises';
import { follow, type SessionEvent } from '../../console/page/sse.js';
import { PlatformError } from '../../shared/errors/index.ts';
import { writeWav } from '../../shared/speech/wav.ts';
import { placesOf, type GivenPlaces } from '../config.ts';
import { gatewayAt } from '../gateway.ts';
import { paint, print } from '../terminal.ts';
import { caller, type Caller } from './caller.ts';
import { RATES, type CalledBy } from './line.ts';
import { openLine } from './open-line.ts';
import { isSettled, taken, understood, wasPlayed } from './progress.ts';
import { readRecording, utterancesOf } from './recording.ts';
import { lineOf, newsText, toldOf, type LineNews } from './story.ts';

export interface CallOptions extends GivenPlaces {
  readonly gateway: CalledBy;
  readonly locale?: string;
  /** A session to call in. */
  readonly session?: string;
  /** Keys that are pressed after all has been said. */
  readonly dtmf?: string;
  readonly fast?: boolean;
  /** Says everything as it was recorded, with its pauses, whatever the bot does. */
  readonly through?: boolean;
  /** Pauses of so many milliseconds part utterances. */
  readonly pause: number;
  /** Seconds to wait for an answer. */
  readonly limit: number;
  readonly json?: boolean;
  /** Where what was heard is written. */
  readonly save?: string;
}

/** A bot that greets begins to within this time. */
const GREETING_MS = 2_500;
const OPENING_MS = 15_000;
const GOODBYE_MS = 5_000;
/** Silence after an utterance, without which it has no end. */
const SILENCE_MS = 200;

/**
 * Plays a recording into a running platform, as a gateway would, and tells what becomes of it. Gives the exit code: 0
 * where everything was answered.
 */
export async function callWith(path: string, options: CallOptions): Promise<number> {
  const { gateway: by, locale, json = false } = options;
  const recording = await readRecording(path, RATES[by]);
  const utterances = options.through ? [recording.samples] : utterancesOf(recording, options.pause);
  const { url, apiKey } = await placesOf(options);
  const gateway = gatewayAt(url, apiKey);
  const session = options.session ?? (await gateway.open(locale, 'phone')).session;
  const after = (await gateway.history(session)).at(-1)?.position ?? 0;

  const changes = news();
  const events: SessionEvent[] = [];
  let ended: string | undefined;
  let me: Caller | undefined;
  const say = (what: object, told: ReturnType<typeof toldOf>) => {
    const atMs = me?.nowMs ?? 0;
    if (json) print(JSON.stringify({ atMs, ...what }));
    else if (told) print(lineOf(atMs, told));
    changes.happened();
  };
  const line = (told: LineNews) => {
    say({ line: told }, newsText(told));
  };
  const stop = new AbortController();
  void follow({
    url: gateway.eventsUrl(session),
    headers: gateway.headers,
    after,
    signal: stop.signal,
    onEvent(event) {
      events.push(event);
      say({ event }, toldOf(event));
    },
    onState: () => undefined,
  });

  let isOpen = false;
  const address = async () => {
    const ticket = await gateway.ticket(session, locale);
    return `${url.replace(/^http/u, 'ws')}/v1/voice/${by}?ticket=${encodeURIComponent(ticket)}`;
  };
  const out = openLine(by, address, {
    opened(again) {
      isOpen = true;
      if (again) line({ kind: 'again' });
      changes.happened();
    },
    sound: (samples) => me?.hear(samples),
    mark: (name) => me?.mark(name),
    clear() {
      me?.clear();
      line({ kind: 'clear' });
    },
    pause() {
      me?.pause();
      line({ kind: 'pause' });
    },
    resume() {
      me?.resume();
      line({ kind: 'resume' });
    },
    partial(utterance, text) {
      line({ kind: 'partial', utterance, text });
    },
    away() {
      line({ kind: 'away' });
    },
    ended(reason) {
      ended = reason;
      line({ kind: 'ended', reason });
    },
  });

  const limitMs = options.limit * 1_000;
  const done = () => ended !== undefined;
  const trouble: string[] = [];
  try {
    if (!(await changes.until(() => isOpen || done(), OPENING_MS)) || done())
      throw new PlatformError('call.refused', 'the platform did not take the call', { retry: 'later' });
    me = caller({
      line: out,
      isFast: options.fast ?? false,
      onMark: (name) => {
        line({ kind: 'mark', name });
      },
    });
    const greeting = () => events.find(({ type }) => type === 'call.greeted')?.id;
    if (await changes.until(() => greeting() !== undefined || done(), GREETING_MS)) {
      await changes.until(() => wasPlayed(events, greeting() ?? '') || done(), limitMs);
    }
    const answered = async (what: string, act: () => Promise<void>) => {
      if (done()) return;
      const before = taken(events);
      await act();
      const isAnswered = () => taken(events) > before && isSettled(events);
      if (!(await changes.until(() => isAnswered() || done(), limitMs))) {
        trouble.push(
          taken(events) > before ? `no answer to ${what} in ${options.limit} s` : `nobody listened to ${what}`,
        );
      }
    };
    for (const [i, samples] of utterances.entries()) {
      await answered(`utterance ${i + 1}`, () => sayAll(me, samples, out.rate));
    }
    const { dtmf } = options;
    if (dtmf !== undefined) await answered('the keys', () => me?.press(dtmf) ?? Promise.resolve());
    out.hangUp();
    await changes.until(() => events.some(({ type }) => type === 'call.ended'), GOODBYE_MS);
  } finally {
    me?.stop();
    out.hangUp();
    stop.abort();
  }
  if (options.save !== undefined) await writeFile(options.save, writeWav({ rate: out.rate, samples: me.heard() }));
  if (understood(events) === 0) trouble.push('no words were made out');
  if (!json) for (const text of summary(session, utterances.length, trouble, options)) print(text);
  return trouble.length === 0 ? 0 : 1;
}

const sayAll = async (me: Caller | undefined, samples: Int16Array, rate: number): Promise<void> => {
  await me?.say(samples);
  await me?.say(new Int16Array((rate * SILENCE_MS) / 1_000));
};

function summary(session: string, count: number, trouble: readonly string[], { save }: CallOptions): readonly string[] {
  return [
    '',
    ...trouble.map((text) => paint('red', text)),
    paint(
      'dim',
      `${count} utterance${count === 1 ? '' : 's'} said. The same as it stands in the log: turnstream replay ${session}`,
    ),
    ...(save === undefined ? [] : [paint('dim', `What was heard: ${save}`)]),
  ];
}

/** Waits for conditions that change when something happens, and never longer than a limit. */
function news() {
  const waiting = new Set<() => void>();
  return {
    happened() {
      for (const look of waiting) look();
    },
    /** Whether it became true in time. */
    until: (condition: () => boolean, ms: number): Promise<boolean> =>
      new Promise((resolve) => {
        const end = (outcome: boolean) => {
          clearTimeout(late);
          clearInterval(often);
          waiting.delete(look);
          resolve(outcome);
        };
        const look = () => {
          if (condition()) end(true);
        };
        const late = setTimeout(() => {
          end(condition());
        }, ms);
        // Hearing is no event.
        const often = setInterval(look, 50);
        waiting.add(look);
        look();
      }),
  };
}
