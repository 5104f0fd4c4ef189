import type { EventId, SessionId } from '../../events/envelope.ts';
import { incomingId, userSession } from '../runtime/ids.ts';
import type { Caller } from '../tenancy/authenticate.ts';

const ULID = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/u;
const HALF = 16;

/** Whether a client's session id is one that the platform made; any other is the client's own name. */
export const isPlatformId = (sessionKey: string, caller: Caller, id: string): boolean =>
  ULID.test(id) || (caller.user !== undefined && owns(sessionKey, caller, id));

/**
 * The session of a name that a client, or one of its users, gave it. For a user's token the user is part of the name,
 * and the id itself shows whose it is, so that no gateway has to look that up.
 */
export function sessionOfName(
  sessionKey: string,
  { tenant, user }: Caller,
  channel: string,
  name: string,
  generation: number,
): SessionId {
  if (user === undefined) return userSession(sessionKey, tenant, channel, name, generation);
  const own = userSession(sessionKey, tenant, `user-${channel}`, JSON.stringify([user, name]), generation);
  const nonce = own.slice(0, HALF);
  return (nonce + ownerMark(sessionKey, tenant, user, nonce)) as SessionId;
}

/** Whether a caller may touch a session of its tenant. */
export function owns(sessionKey: string, { tenant, user }: Caller, session: string): boolean {
  if (user === undefined) return true;
  return session.slice(HALF) === ownerMark(sessionKey, tenant, user, session.slice(0, HALF));
}

const ownerMark = (sessionKey: string, tenant: string, user: string, nonce: string): string =>
  userSession(sessionKey, tenant, 'owner', JSON.stringify([user, nonce]), 0).slice(0, HALF);

/** The session that a request without a name opens; `key`: its idempotency key, so that a repeat opens it again. */
export function newSession(sessionKey: string, caller: Caller, fresh: EventId, key: string | undefined): SessionId {
  if (caller.user !== undefined) return sessionOfName(sessionKey, caller, 'new', key ?? fresh, 0);
  const id = key === undefined ? fresh : incomingId('session', caller.tenant, '', key);
  return id as string as SessionId;
}
