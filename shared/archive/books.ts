import type { NatsConnection } from '@nats-io/nats-core';
import * as v from 'valibot';
import { Position, SessionId, type TenantId } from '../../events/envelope.ts';
import { PlatformError } from '../errors/index.ts';
import type { SessionRef } from '../log/log.ts';
import { register } from '../log/register.ts';
import { ARCHIVE } from '../log/streams.ts';

/** What the archive holds of a session: everything up to a position, in these objects. */
const Kept = v.strictObject({ through: Position, objects: v.array(v.string()) });
export type Kept = v.InferOutput<typeof Kept>;

/** One object that is to be written, or was written last, for a tenant. */
const Plan = v.strictObject({
  state: v.picklist(['open', 'done']),
  object: v.string(),
  /** Whether the data of events is encrypted with the keys of their sessions. */
  content: v.picklist(['sealed', 'plain']),
  /** Of each session, the events after one position and through another. */
  sessions: v.array(v.strictObject({ session: SessionId, after: Position, through: Position })),
});
export type Plan = v.InferOutput<typeof Plan>;

/** An entry of the books, and the place that a change of it has to name. */
export interface Noted<T> {
  readonly value: T;
  readonly position: number;
}

/**
 * The archive's books. They, and never a list of files, say what is in the archive. They name sessions and objects,
 * nothing that was said.
 */
export interface Books {
  kept(ref: SessionRef): Promise<Noted<Kept> | undefined>;
  /** False: somebody else has changed the entry. `expected` 0: there must be none. */
  keep(ref: SessionRef, kept: Kept, expected: number): Promise<boolean>;
  forget(ref: SessionRef): Promise<void>;
  plan(tenant: TenantId): Promise<Noted<Plan> | undefined>;
  /** Where the plan stands now; undefined: somebody else has changed it. */
  setPlan(tenant: TenantId, plan: Plan, expected: number): Promise<number | undefined>;
  /** The tenants that ever had a plan. */
  tenants(): Promise<readonly TenantId[]>;
}

/** The books, kept in the log's own store. */
export function booksOf(nc: NatsConnection): Books {
  const entries = register(nc, ARCHIVE);
  const read = async <S extends v.GenericSchema>(
    schema: S,
    subject: string,
  ): Promise<Noted<v.InferOutput<S>> | undefined> => {
    const entry = await entries.read(subject);
    if (!entry) return undefined;
    try {
      const value = v.parse(schema, JSON.parse(Buffer.from(entry.data).toString()));
      return { value, position: entry.position };
    } catch (cause) {
      throw new PlatformError('archive.books-damaged', `the archive's entry ${subject} is damaged`, {
        retry: 'never',
        cause,
      });
    }
  };
  const keptAt = ({ tenant, session }: SessionRef) => `kept.${tenant}.${session}`;
  const planAt = (tenant: TenantId) => `plan.${tenant}`;

  return {
    kept: (ref) => read(Kept, keptAt(ref)),
    keep: async (ref, kept, expected) =>
      (await entries.write(keptAt(ref), JSON.stringify(kept), expected)) !== undefined,
    forget: (ref) => entries.clear(keptAt(ref)),
    plan: (tenant) => read(Plan, planAt(tenant)),
    setPlan: (tenant, plan, expected) => entries.write(planAt(tenant), JSON.stringify(plan), expected),
    tenants: async () => (await entries.subjects('plan.*')).map((subject) => subject.slice('plan.'.length) as TenantId),
  };
}
