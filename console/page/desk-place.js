// @ts-check
/** @import { SessionEvent } from './sse.js' */
import { say } from './words.js';

/** @typedef {{ phase: 'bot' | 'waiting' | 'taken' | 'closed', agent: string, reason: string }} Place */

/** @type {Place} */
export const WITH_BOT = { phase: 'bot', agent: '', reason: '' };

/**
 * Who has a conversation after an event.
 *
 * @param {Place} place
 * @param {SessionEvent} event
 * @returns {Place}
 */
export function placeAfter(place, { type, data }) {
  if (type === 'session.resumed') return WITH_BOT;
  if (type === 'session.closed') return { ...place, phase: 'closed' };
  if (type !== 'policy.decided') return place;
  switch (data.act.kind) {
    case 'hand-off':
      return { phase: 'waiting', agent: '', reason: data.act.reason };
    case 'take':
      return { phase: 'taken', agent: data.act.agent, reason: '' };
    case 'hand-back':
    case 'ticket':
      return WITH_BOT;
    default:
      return place;
  }
}

/**
 * @param {Place} place
 * @param {boolean} mine whether the agent who looks has it
 */
export function placeText({ phase, agent, reason }, mine) {
  switch (phase) {
    case 'waiting':
      return say('waitsHere', { reason });
    case 'taken':
      return mine ? say('takenByYou') : say('takenBy', { agent });
    case 'closed':
      return say('closedNote');
    case 'bot':
      return say('withBot');
  }
}
