import type { TenantId } from '../../events/envelope.ts';
import type { Tenants } from '../../shared/tenancy/tenants.ts';

export const DAY_MS = 86_400_000;
/** Days without an event after which a session leaves the log, where its tenant wants nothing else. */
export const IDLE_DAYS = 7;

/** How long a tenant's sessions stay in the log, and how they are archived. */
export interface Retention {
  /** Without an event for this long, a session leaves the log. */
  readonly idleMs: number;
  /** Without an event for this long, what is new in a session is archived. Not longer than `idleMs`. */
  readonly quietMs: number;
  /** `plain`: analysts can read what was said, and an erasure depends on each file being written again. */
  readonly content: 'sealed' | 'plain';
}

export type RetentionOf = (tenant: TenantId) => Retention;

export interface RetentionDefaults {
  /** Archive early: after this time without an event. Absent: when a session leaves. */
  readonly quietMs?: number | undefined;
  /** The tenants whose archive is readable without keys. */
  readonly plain: readonly string[];
}

/** The retention of each tenant of a deployment; of one that is not in its file, the default. */
export const retentionOf =
  (tenants: Tenants, { quietMs, plain }: RetentionDefaults): RetentionOf =>
  (tenant) => {
    const idleMs = (tenants.get(tenant)?.idleDays ?? IDLE_DAYS) * DAY_MS;
    const content = plain.includes(tenant) ? 'plain' : 'sealed';
    return { idleMs, quietMs: Math.min(quietMs ?? idleMs, idleMs), content };
  };
