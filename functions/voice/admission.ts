import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { SessionId, TenantId } from '../../events/envelope.ts';
import type { Authenticate, Caller } from '../../shared/tenancy/authenticate.ts';
import type { Tenants } from '../../shared/tenancy/tenants.ts';
import type { Tickets } from '../../shared/tenancy/voice-ticket.ts';
import type { LineEvent } from './lines/line.ts';

/** Who may have a call, and which. */
export interface Admitted {
  readonly caller: Caller;
  readonly session?: SessionId;
  readonly locale?: string;
  /** Names the call: it is let in once. */
  readonly key?: string;
  /** It is the tenant's own system that speaks: it may say which session and language are meant. */
  readonly isTrusted: boolean;
}

/** How a socket was opened. */
export interface Handshake {
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: IncomingHttpHeaders;
  /** Path and query as they were sent. */
  readonly url: string;
}

/** Who has opened a socket. `unknown`: it says nothing of that, its first words may. */
export type Admission = Admitted | 'refused' | 'unknown';

/** Lets calls in: by API key or token, by ticket, or by a signature of Twilio's. */
export interface Doors {
  atHandshake(handshake: Handshake): Promise<Admission>;
  /** The same, once the line has said what the operator gave it to say. */
  atStart(started: Extract<LineEvent, { kind: 'started' }>): Promise<Admission>;
}

export interface DoorOptions {
  readonly tenants: Tenants;
  readonly authenticate: Authenticate;
  readonly tickets: Tickets;
  readonly secret: (variable: string) => string | undefined;
}

/** The doors of a deployment. Calls by agents' keys are refused: those are for the desk. */
export function doors({ tenants, authenticate, tickets, secret }: DoorOptions): Doors {
  const byTicket = async (ticket: string): Promise<Admission> => {
    const known = await tickets.check(ticket);
    if (!known || !tenants.has(known.tenant)) return 'refused';
    const { tenant, user, jti: key, session, locale } = known;
    const caller: Caller = { tenant, ...(user !== undefined && { user }) };
    return { caller, key, isTrusted: false, ...(session && { session }), ...(locale && { locale }) };
  };
  const byKey = async (authorization: string): Promise<Admission> => {
    const caller = await authenticate({ authorization, host: undefined });
    if (!caller || caller.agent) return 'refused';
    return { caller, isTrusted: caller.user === undefined };
  };

  return {
    async atHandshake({ path, query, headers, url }) {
      if (query['ticket'] !== undefined) return byTicket(query['ticket']);
      const { authorization } = headers;
      if (authorization !== undefined) return byKey(bearerOf(authorization));
      const signature = headers['x-twilio-signature'];
      if (typeof signature === 'string') {
        const tenant = tenants.get(tenantIn(path));
        const variable = tenant?.voice?.twilioTokenFrom;
        const token = variable === undefined ? undefined : secret(variable);
        const isSigned = token !== undefined && isOfTwilio(token, headers.host ?? '', url, signature);
        // Somebody who does not use signatures may still have a ticket among the parameters.
        if (tenant && isSigned) return { caller: { tenant: tenant.id }, isTrusted: true };
        if (token !== undefined) return 'refused';
      }
      return 'unknown';
    },
    async atStart({ gateway, callId, parameters }) {
      if (gateway === 'audiosocket') {
        const known = tickets.checkShort(callId, tenants.keys());
        return known ? { caller: { tenant: known.tenant }, key: known.jti, isTrusted: false } : 'refused';
      }
      const ticket = parameters['ticket'];
      return ticket === undefined ? 'refused' : byTicket(ticket);
    },
  };
}

/** `/v1/voice/TENANT/GATEWAY`. */
const tenantIn = (path: string): TenantId => (path.split('/')[3] ?? '') as TenantId;

/** Gateways that know no bearers send the key as the password of anybody. */
function bearerOf(authorization: string): string {
  const basic = /^Basic +([\w+/=]+)$/iu.exec(authorization)?.[1];
  if (basic === undefined) return authorization;
  const pair = Buffer.from(basic, 'base64').toString('utf8');
  return `Bearer ${pair.slice(pair.indexOf(':') + 1)}`;
}

/** The address as Twilio has dialled it, signed with the account's token: HMAC-SHA1, base64. */
function isOfTwilio(token: string, host: string, url: string, signature: string): boolean {
  const given = Buffer.from(signature, 'base64');
  const addresses = ['wss', 'https'].flatMap((scheme) => [`${scheme}://${host}${url}`, `${scheme}://${host}${url}/`]);
  return addresses.some((address) => {
    const wanted = createHmac('sha1', token).update(address).digest();
    return given.length === wanted.length && timingSafeEqual(given, wanted);
  });
}
