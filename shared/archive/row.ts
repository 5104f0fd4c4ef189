import type { Envelope, EventId, SessionId, TenantId } from '../../events/envelope.ts';
import type { Stored } from '../log/log.ts';
import type { Cipher } from '../log/wire.ts';

/** An event in the archive. Either `sealed` or `data` is there. */
export interface ArchiveRow {
  readonly tenant: string;
  readonly session: string;
  readonly turn: string | null;
  readonly position: number;
  readonly previous: number;
  readonly id: string;
  readonly type: string;
  readonly revision: number;
  readonly time: Date;
  readonly emitter: string;
  readonly causation: string | null;
  readonly basis: number | null;
  /** What happened, as JSON, where the tenant wants it readable. */
  readonly data: string | null;
  /** The same, encrypted with the session's key and bound to the event. */
  readonly sealed: Uint8Array | null;
}

/** Writes an event as a row. Without a cipher its data stays readable. */
export async function toRow({ envelope, position, previous }: Stored, cipher: Cipher | undefined): Promise<ArchiveRow> {
  const { tenant, session, turn, id, type, revision, time, emitter, causation, basis } = envelope;
  const data = JSON.stringify(envelope.data);
  return {
    tenant,
    session,
    turn: turn ?? null,
    position,
    previous,
    id,
    type,
    revision,
    time: new Date(time),
    emitter,
    causation: causation ?? null,
    basis: basis ?? null,
    data: cipher ? null : data,
    sealed: cipher ? await cipher.seal(envelope, Buffer.from(data)) : null,
  };
}

/** Reads a row back, all but its trace context and its kind, which its data says; undefined once the key of its session was destroyed. */
export async function fromRow(row: ArchiveRow, cipher: Cipher | undefined): Promise<Stored | undefined> {
  const envelope: Envelope = {
    id: row.id as EventId,
    type: row.type,
    revision: row.revision,
    tenant: row.tenant as TenantId,
    session: row.session as SessionId,
    ...(row.turn !== null && { turn: row.turn as EventId }),
    time: row.time.toISOString(),
    ...(row.causation !== null && { causation: row.causation as EventId }),
    emitter: row.emitter,
    ...(row.basis !== null && { basis: row.basis }),
    data: undefined,
  };
  const json = row.sealed ? await cipher?.open(envelope, row.sealed) : row.data;
  if (json === undefined || json === null) return undefined;
  const data = JSON.parse(typeof json === 'string' ? json : Buffer.from(json).toString()) as unknown;
  return { envelope: { ...envelope, data }, position: row.position, previous: row.previous };
}
