import * as v from 'valibot';
import type { AnyEventDefinition, EventDefinition } from './define.ts';

/** A NATS subject token: no dot, star, angle bracket or white space. */
const token = (max: number) =>
  v.pipe(
    v.string(),
    v.regex(/^[a-z0-9][a-z0-9-]*$/u, 'must be lower-case letters, digits and dashes'),
    v.maxLength(max),
  );

/** Who owns the conversation. Also a subject token and the name of a key. */
export const TenantId = v.pipe(token(32), v.brand('TenantId'));
export type TenantId = v.InferOutput<typeof TenantId>;

/**
 * One conversation: a ULID where the platform named it, 32 hexadecimal digits (a keyed hash) where a channel's user
 * did. Never a phone number or a name, since it stands in subjects.
 */
export const SessionId = v.pipe(
  v.string(),
  v.regex(/^(?:[0-7][0-9A-HJKMNP-TV-Z]{25}|[0-9a-f]{32})$/u, 'is not a session id'),
  v.brand('SessionId'),
);
export type SessionId = v.InferOutput<typeof SessionId>;

/** 26 characters of Crockford's base 32, random (ULID) or derived from a cause. */
export const EventId = v.pipe(
  v.string(),
  v.regex(/^[0-7][0-9A-HJKMNP-TV-Z]{25}$/u, 'is not an event id'),
  v.brand('EventId'),
);
export type EventId = v.InferOutput<typeof EventId>;

/** A stream sequence: where an event stands in the log. 0: before everything. */
export const Position = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

/** W3C Trace Context, version 00. */
export const TraceParent = v.pipe(v.string(), v.regex(/^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/u));

export const Envelope = v.strictObject({
  id: EventId,
  /** `noun.past-participle`. */
  type: v.pipe(
    v.string(),
    v.regex(/^[a-z]+(?:-[a-z]+)*\.[a-z]+(?:-[a-z]+)*$/u, 'is not an event type'),
    v.maxLength(64),
  ),
  revision: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
  tenant: TenantId,
  session: SessionId,
  /** The id of the event that opened the turn this one belongs to; absent outside of turns. */
  turn: v.exactOptional(EventId),
  /** When it happened, by the clock of whoever observed it. */
  time: v.pipe(v.string(), v.isoTimestamp()),
  /** The event that made this one happen; absent for what enters from outside. */
  causation: v.exactOptional(EventId),
  /** The function that wrote it. */
  emitter: token(32),
  /** Tells events of one type apart that different functions want; the last part of the subject. */
  kind: v.exactOptional(token(32)),
  /** For a decision: the position of the newest event it had read. */
  basis: v.exactOptional(Position),
  /** The span that wrote it, so that one trace covers a turn. */
  traceparent: v.exactOptional(TraceParent),
  data: v.unknown(),
});
export type Envelope = v.InferOutput<typeof Envelope>;

/** An event as read back: its envelope, current-revision data and place in the log. */
export type Recorded<D extends AnyEventDefinition = AnyEventDefinition> =
  D extends EventDefinition<infer Type, infer Data>
    ? Omit<Envelope, 'type' | 'data'> & { readonly type: Type; readonly data: Data; readonly position: number }
    : never;
