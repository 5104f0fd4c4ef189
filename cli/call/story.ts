import type { SessionEvent } from '../../console/page/sse.js';
import { harmless, paint } from '../terminal.ts';

/** One line of a call's story: when, who or what, and the words. */
export interface Told {
  readonly who: string;
  readonly text: string;
}

/** Something that the line did, and no event says. */
export type LineNews =
  | { readonly kind: 'partial'; readonly utterance: number; readonly text: string }
  | { readonly kind: 'mark'; readonly name: string }
  | { readonly kind: 'clear' | 'pause' | 'resume' | 'away' | 'again' }
  | { readonly kind: 'ended'; readonly reason: string };

const LABEL = 8;

/** A line for a terminal. */
export function lineOf(atMs: number, { who, text }: Told): string {
  return `${paint('dim', `${(atMs / 1_000).toFixed(1).padStart(6)} s`)}  ${paint('bold', who.padEnd(LABEL))} ${text}`;
}

/** What an event says of the call; undefined where it adds nothing to what other lines say. */
export function toldOf({ type, data }: SessionEvent): Told | undefined {
  const of = data as EventWords;
  switch (type) {
    case 'call.started':
      return { who: 'call', text: dim(`begins: ${of.gateway ?? ''}, ${of.codec ?? ''} at ${of.rate ?? 0} Hz`) };
    case 'speech.started':
      return { who: 'you', text: dim('begin to speak') };
    case 'speech.transcribed': {
      const sure = dim(`  ${percent(of.confidence)}, ended by ${of.end ?? ''}`);
      return of.text === ''
        ? { who: 'you', text: dim('(no words)') + sure }
        : { who: 'you', text: paint('cyan', harmless(of.text ?? '')) + sure };
    }
    case 'speech.not-transcribed':
      return { who: 'you', text: paint('red', `(could not be made out: ${of.reason ?? ''})`) };
    case 'digits.entered':
      return { who: 'keys', text: paint('cyan', harmless(of.digits ?? '')) };
    case 'intent.classified':
      return { who: 'intent', text: `${of.intent ?? ''} ${dim(percent(of.confidence))}` };
    case 'intent.not-recognised':
      return { who: 'intent', text: dim('not recognised') };
    case 'entities.extracted': {
      const found = (of.entities ?? []).map(({ entity, value, normalised = value }) => `${entity} = ${normalised}`);
      return found.length === 0 ? undefined : { who: 'entities', text: harmless(found.join(', ')) };
    }
    case 'policy.decided':
      return { who: 'decided', text: `${actText(of)} ${dim(`by ${of.why?.rule ?? ''}`)}` };
    case 'turn.replied':
    case 'turn.handed-off':
    case 'agent.replied':
    case 'customer.reminded':
    case 'call.greeted':
      return { who: type === 'agent.replied' ? 'person' : 'bot', text: paint('green', repliedText(of)) };
    case 'turn.dead-lettered':
      return { who: 'bot', text: paint('red', `(no answer: ${of.reason ?? ''})`) };
    case 'playback.completed':
      return { who: 'heard', text: dim(`all of it, ${seconds(of.heardMs)}`) };
    case 'playback.interrupted': {
      const reason = of.reason === 'no-speech' ? 'nothing, the platform has no voice' : (of.reason ?? '');
      const heard = of.heard ? `“${harmless(of.heard)}”, ${seconds(of.heardMs)} of ${seconds(of.ofMs)}: ` : '';
      return { who: 'heard', text: paint('yellow', heard + reason) };
    }
    case 'playback.resumed':
      return { who: 'heard', text: dim('no interruption: it goes on') };
    case 'call.ended':
      return { who: 'call', text: dim(`over: ${of.reason ?? ''}, ${seconds(of.ms)} of sound`) };
    default:
      return undefined;
  }
}

/** The same of what the line did. */
export function newsText(news: LineNews): Told | undefined {
  switch (news.kind) {
    case 'partial':
      return { who: 'you', text: dim(`${harmless(news.text)} …`) };
    case 'clear':
      return { who: 'line', text: paint('yellow', 'playing is broken off') };
    case 'pause':
      return { who: 'line', text: paint('yellow', 'playing is held') };
    case 'away':
      return { who: 'line', text: paint('yellow', 'the socket is lost') };
    case 'again':
      return { who: 'line', text: 'back, with nothing missing' };
    case 'mark':
    case 'resume':
    case 'ended':
      return undefined;
  }
}

interface EventWords {
  readonly gateway?: string;
  readonly codec?: string;
  readonly rate?: number;
  readonly text?: string;
  readonly confidence?: number;
  readonly end?: string;
  readonly reason?: string;
  readonly digits?: string;
  readonly intent?: string;
  readonly entities?: readonly { readonly entity: string; readonly value: string; readonly normalised?: string }[];
  readonly act?: { readonly kind: string };
  readonly says?: readonly { readonly response?: string }[];
  readonly why?: { readonly rule: string };
  readonly messages?: readonly { readonly text: string }[];
  readonly heard?: string;
  readonly heardMs?: number;
  readonly ofMs?: number;
  readonly ms?: number;
}

const dim = (text: string): string => paint('dim', text);
const percent = (score = 0): string => `${Math.round(score * 100)} %`;
const seconds = (ms = 0): string => `${(ms / 1_000).toFixed(1)} s`;

const repliedText = ({ messages = [], reason }: EventWords): string =>
  messages.length === 0
    ? `(a person has the conversation: ${reason ?? ''})`
    : harmless(messages.map((m) => m.text).join(' '));

function actText({ act = { kind: '' }, says = [] }: EventWords): string {
  const { kind, ...rest } = act;
  const words = Object.values(rest).filter((value) => typeof value === 'string' || typeof value === 'number');
  return harmless([kind, ...words, says.at(-1)?.response ?? ''].join(' ').trim());
}
