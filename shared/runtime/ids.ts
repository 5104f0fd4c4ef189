import { hash } from 'node:crypto';
import type { EventId, SessionId } from '../../events/envelope.ts';

const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** The same cause, emitter and index always give the same id: a redelivered event repeats itself. */
export const derivedId = (cause: EventId, emitter: string, index: number): EventId =>
  idOf(`event\n${cause}\n${emitter}\n${index}`);

/**
 * The id of something that came from outside and carries a key of its sender. Tenant and session are part of it, so
 * that the same key of two tenants, or in two sessions, names two events.
 */
export const incomingId = (namespace: string, tenant: string, session: string, key: string): EventId =>
  idOf(`incoming\n${namespace}\n${tenant}\n${session}\n${key}`);

/** The session of a channel's own user, the same from every process; the key keeps it from being guessed. */
export const userSession = (
  key: string,
  tenant: string,
  channel: string,
  user: string,
  generation: number,
): SessionId => hash('sha256', `${key}\n${tenant}\n${channel}\n${generation}\n${user}`).slice(0, 32) as SessionId;

/** 128 bits of SHA-256 in 26 characters. */
function idOf(text: string): EventId {
  // One byte for each character: a buffer would cost three times the hash.
  const digest = hash('sha256', text, 'binary');
  let out = CROCKFORD.charAt(digest.charCodeAt(0) >> 5);
  let bits = digest.charCodeAt(0) & 31;
  out += CROCKFORD.charAt(bits);
  let have = 0;
  bits = 0;
  for (let i = 1; i < 16; i++) {
    bits = (bits << 8) | digest.charCodeAt(i);
    have += 8;
    while (have >= 5) {
      have -= 5;
      out += CROCKFORD.charAt((bits >> have) & 31);
    }
    bits &= (1 << have) - 1;
  }
  return out as EventId;
}
