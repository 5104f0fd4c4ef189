import type { EventId } from '../../events/envelope.ts';
import type { Message } from '../../events/fields.ts';
import type { Stored } from '../../shared/log/log.ts';
import { readEvent } from '../../shared/runtime/read-event.ts';
import { spokenOf } from '../../shared/session/heard.ts';
import type { Speaking } from './speaking.ts';

/** What a call takes from its session's events. */
export interface ListeningTo {
  take(stored: Stored): void;
  tick(nowMs: number): void;
  /** Words were made out, whatever becomes of them. */
  words(utterance: number, text: string): void;
  /** The slot that the open question is for. */
  readonly asked: string | undefined;
  /** The language of what was said last. */
  readonly locale: string | undefined;
}

export interface ListeningToOptions {
  readonly call: EventId;
  readonly speech: Speaking;
  readonly clock: () => number;
  readonly falseInterruptionMs: number;
  /** The conversation is over, or a person takes it. */
  readonly onLeave: (why: 'closed' | 'transferred') => void;
  /** Somebody else has written down that the call is over. */
  readonly onEnded: () => void;
}

/** An engine that tells nothing before the end is waited for: nobody speaks for longer without a word. */
const LONGEST_MS = 25_000;

/** Turns what is said in the session into speech, and what the caller does into interruptions of it. */
export function listeningTo(options: ListeningToOptions): ListeningTo {
  const { call, speech, clock, falseInterruptionMs } = options;
  let asked: string | undefined;
  let locale: string | undefined;
  /** The utterance that may be an interruption, and when it is taken to be none. */
  let doubted: { readonly utterance: number; readonly until: number } | undefined;
  /** Whoever listens tells words as they come. */
  let tellsWords = false;

  const say = (of: EventId, messages: readonly Message[], inLocale: string) => {
    const text = messages.map(spokenOf).join('\n');
    if (text.trim() !== '') speech.say({ of, text, locale: inLocale });
  };
  const settle = (wasSaid: boolean) => {
    if (!doubted) return;
    doubted = undefined;
    if (wasSaid) speech.drop();
    else speech.resume(clock());
  };

  return {
    get asked() {
      return asked;
    },
    get locale() {
      return locale;
    },
    take(stored) {
      const event = readEvent(stored);
      switch (event.type) {
        case 'turn.replied':
        case 'turn.handed-off':
        case 'customer.reminded':
          locale = event.data.locale;
          say(event.id, event.data.messages, locale);
          if (event.type === 'turn.handed-off') options.onLeave('transferred');
          break;
        case 'call.greeted':
          if (event.data.call === call) say(event.id, event.data.messages, event.data.locale);
          break;
        case 'agent.replied':
          say(event.id, event.data.messages, locale ?? 'en');
          break;
        case 'policy.decided':
          asked = event.data.act.kind === 'ask' ? event.data.act.slot : undefined;
          break;
        case 'speech.started': {
          if (event.data.call !== call) break;
          const nowMs = clock();
          const interrupts = speech.active;
          speech.interrupt('spoken-over', nowMs);
          const patienceMs = tellsWords ? falseInterruptionMs : LONGEST_MS;
          if (interrupts) doubted = { utterance: event.data.utterance, until: nowMs + patienceMs };
          break;
        }
        case 'speech.transcribed':
          if (event.data.call === call && doubted?.utterance === event.data.utterance) settle(event.data.text !== '');
          break;
        case 'speech.not-transcribed':
          if (event.data.call === call && doubted?.utterance === event.data.utterance) settle(false);
          break;
        case 'session.closed':
          options.onLeave('closed');
          break;
        case 'call.ended':
          if (event.data.call === call) options.onEnded();
          break;
        default:
          // Whatever else happens in a session is heard of in its consequences.
          break;
      }
    },
    words(utterance, text) {
      if (text === '') return;
      tellsWords = true;
      if (doubted?.utterance === utterance) settle(true);
    },
    tick(nowMs) {
      if (doubted && nowMs >= doubted.until) settle(false);
    },
  };
}
