import type { TenantId } from '../../events/envelope.ts';
import type { SessionRef, Match } from './log.ts';

/** The number of logical partitions: part of every subject, so fixed for ever. */
export const PARTITIONS = 64;

/** FNV-1a, 32 bits, over tenant and session: the same function as nats-server's own `partition()` mapping. */
export function partitionOf({ tenant, session }: SessionRef): number {
  let hash = 0x811c9dc5;
  const key = tenant + session;
  for (let i = 0; i < key.length; i++) {
    hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193);
  }
  return (hash >>> 0) % PARTITIONS;
}

/** Everything of one session. */
export const sessionSubject = (ref: SessionRef): string => `conv.${sessionPath(ref)}.>`;

/** Where an event stands. What can be told from its attributes alone: the relay cannot read its data. */
export const eventSubject = (event: SessionRef & EventPath): string => `conv.${sessionPath(event)}.${pathOf(event)}`;

/** The end of an event's subject. */
export const pathOf = ({ type, kind }: EventPath): string => (kind === undefined ? type : `${type}.${kind}`);

interface EventPath {
  readonly type: string;
  readonly kind?: string;
}

/** Events of one type of every session, or of one kind of a type, as a consumer filters them. */
export const typeSubject = (type: string): string => `conv.*.*.*.${type}`;

/** Events of one type of every session of a tenant. */
export const tenantTypeSubject = (tenant: TenantId, type: string): string => `conv.*.${tenant}.*.${type}`;

/** Where stored events are announced. */
export function bellSubjects({ tenant, session, types }: Match): readonly string[] {
  const partition = tenant && session ? partitionOf({ tenant, session }) : '*';
  const path = `bell.${partition}.${tenant ?? '*'}.${session ?? '*'}`;
  return types ? types.map((type) => `${path}.${type}`) : [`${path}.>`];
}

const sessionPath = (ref: SessionRef): string => `${partitionOf(ref)}.${ref.tenant}.${ref.session}`;
