import { createHmac, hash, randomBytes, timingSafeEqual } from 'node:crypto';
import { jwtVerify, SignJWT } from 'jose';
import * as v from 'valibot';
import { SessionId, TenantId } from '../../events/envelope.ts';
import { locale } from '../../events/fields.ts';

/** Long enough to open a socket; a gateway asks for one when the telephone rings. */
export const TICKET_MS = 60_000;

const AUDIENCE = 'turnstream-voice';

/** What a ticket lets in: one call. */
const Ticket = v.object({
  tenant: TenantId,
  /** One of the tenant's users, where it is a user's call. */
  user: v.exactOptional(v.pipe(v.string(), v.maxLength(256))),
  /** A session that is there already; absent: the call opens one. */
  session: v.exactOptional(SessionId),
  locale: v.exactOptional(locale),
  /** Names the call: a ticket that comes twice is the same call twice. */
  jti: v.pipe(v.string(), v.minLength(16), v.maxLength(64)),
});
export type Ticket = v.InferOutput<typeof Ticket>;

/** Makes and checks tickets for one call each, with a key that all processes of a deployment share. */
export interface Tickets {
  make(grant: Omit<Ticket, 'jti'>): Promise<{ readonly ticket: string; readonly expiresAt: Date }>;
  /** A ticket of 16 bytes, for a protocol that has room for no more. It opens a session of its own. */
  makeShort(tenant: TenantId): { readonly uuid: string; readonly expiresAt: Date };
  /** What a ticket lets in; undefined: it is none, or not any more. */
  check(ticket: string): Promise<Ticket | undefined>;
  /** The same of a short one. `tenants`: all that there are. */
  checkShort(uuid: string, tenants: Iterable<TenantId>): Ticket | undefined;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/u;
const CLAIM_BYTES = 8;

/** Tickets signed with a key that follows from the deployment's secret. */
export function voiceTickets(secret: string, now: () => Date): Tickets {
  const key = hash('sha256', `voice-ticket\n${secret}`, 'buffer');
  /** Four bytes of time, four of chance; the tenant is in the signature. */
  const signature = (tenant: TenantId, claim: Buffer): Buffer =>
    createHmac('sha256', key).update(`short\n${tenant}\n`).update(claim).digest().subarray(0, CLAIM_BYTES);

  return {
    async make(grant) {
      const expiresAt = new Date(now().getTime() + TICKET_MS);
      const ticket = await new SignJWT({ ...grant })
        .setProtectedHeader({ alg: 'HS256' })
        .setAudience(AUDIENCE)
        .setJti(randomBytes(16).toString('hex'))
        .setExpirationTime(expiresAt)
        .sign(key);
      return { ticket, expiresAt };
    },
    makeShort(tenant) {
      const expiresAt = new Date(now().getTime() + TICKET_MS);
      const claim = Buffer.alloc(CLAIM_BYTES);
      claim.writeUInt32BE(Math.floor(expiresAt.getTime() / 1_000));
      randomBytes(4).copy(claim, 4);
      const hex = Buffer.concat([claim, signature(tenant, claim)]).toString('hex');
      return { uuid: hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/u, '$1-$2-$3-$4-$5'), expiresAt };
    },
    async check(ticket) {
      try {
        const { payload } = await jwtVerify(ticket, key, {
          algorithms: ['HS256'],
          audience: AUDIENCE,
          currentDate: now(),
          requiredClaims: ['exp', 'jti'],
        });
        const read = v.safeParse(Ticket, payload);
        return read.success ? read.output : undefined;
      } catch {
        return undefined;
      }
    },
    checkShort(uuid, tenants) {
      if (!UUID.test(uuid)) return undefined;
      const bytes = Buffer.from(uuid.replaceAll('-', ''), 'hex');
      const claim = bytes.subarray(0, CLAIM_BYTES);
      if (claim.readUInt32BE() * 1_000 < now().getTime()) return undefined;
      const signed = bytes.subarray(CLAIM_BYTES);
      const tenant = [...tenants].find((one) => timingSafeEqual(signature(one, claim), signed));
      return tenant && { tenant, jti: uuid };
    },
  };
}
