import type { SessionEvent } from '../../console/page/sse.js';

const FINALS = new Set(['speech.transcribed', 'speech.not-transcribed']);

/** How many times the platform has taken something for what the caller said, or pressed. */
export const taken = (events: readonly SessionEvent[]): number =>
  events.filter(({ type }) => FINALS.has(type) || type === 'digits.entered').length;

/** How many of these were words or keys. */
export const understood = (events: readonly SessionEvent[]): number =>
  events.filter(
    ({ type, data }) => (type === 'speech.transcribed' && wordsOf(data as Said) !== '') || type === 'digits.entered',
  ).length;

/**
 * Whether nothing is under way in a call: every utterance has its final, what was said in words is a turn, every turn
 * has its ending, and every answer was heard or broken off.
 */
export function isSettled(events: readonly SessionEvent[]): boolean {
  const finals = events.filter(({ type }) => FINALS.has(type));
  const began = new Set(
    events.filter(({ type }) => type === 'speech.started').map(({ data }) => numberOf(data as Said)),
  );
  if (finals.some(({ data }) => !began.delete(numberOf(data as Said))) || began.size > 0) return false;
  const received = events.filter(({ type }) => type === 'utterance.received');
  const causes = new Set(received.map(({ causation }) => causation));
  const isTurn = ({ type, data, id }: SessionEvent) =>
    (type === 'speech.transcribed' && wordsOf(data as Said) === '') ||
    type === 'speech.not-transcribed' ||
    causes.has(id);
  if (!finals.every(isTurn) || !events.filter(({ type }) => type === 'digits.entered').every(isTurn)) return false;
  const endings = events.filter(({ type }) => type.startsWith('turn.'));
  const ended = new Set(endings.map(({ turn }) => turn));
  if (!received.every(({ turn, id }) => ended.has(turn ?? id))) return false;
  return endings.every((ending) => !says(ending) || wasPlayed(events, ending.id));
}

/** Whether something of the log has been played to its end, or broken off. */
export function wasPlayed(events: readonly SessionEvent[], of: string): boolean {
  const last = events.findLast(({ type, data }) => type.startsWith('playback.') && playedOf(data as Said) === of);
  return last !== undefined && last.type !== 'playback.resumed';
}

/** What of these events is looked at. */
interface Said {
  readonly text?: string;
  readonly utterance: number;
  readonly of: string;
}

const wordsOf = (data: Said): string => (data.text ?? '').trim();
const numberOf = (data: Said): number => data.utterance;
const playedOf = (data: Said): string => data.of;
const says = ({ data }: { readonly data: { readonly messages?: readonly { readonly text: string }[] } }): boolean =>
  (data.messages ?? []).some(({ text }) => text.trim() !== '');
