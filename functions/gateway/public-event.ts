import type { Stored } from '../../shared/log/log.ts';
import type { Caller } from '../../shared/tenancy/authenticate.ts';

/** Shows events to somebody; undefined: not to them. */
export type Shown = (stored: Stored) => string | undefined;

/** What a customer may see of each type: the other types, and the other fields, are the platform's own. */
const FOR_USERS: Readonly<Record<string, readonly string[]>> = {
  'session.opened': ['channel', 'locale', 'timezone'],
  'session.resumed': ['channel'],
  'session.closed': [],
  'utterance.received': ['text', 'locale', 'payload'],
  'turn.replied': ['messages', 'locale'],
  'turn.handed-off': ['messages', 'locale'],
  'turn.superseded': ['by'],
  'turn.dead-lettered': [],
  'customer.reminded': ['messages', 'locale'],
  // Not who: the names of agents are those of accounts.
  'agent.replied': ['messages'],
};

/** Folds of the conversation are kilobytes of the platform's own, made from events that are shown anyway. */
const INTERNAL = new Set(['snapshot', 'archived']);

/** What a caller is shown of the events of its sessions, as JSON. `types`: of which ones; absent: all. */
export function shownTo(caller: Caller, types: ReadonlySet<string> | undefined): Shown {
  const show = caller.user === undefined ? forTenant : forUser;
  return (stored) => (types && !types.has(stored.envelope.type) ? undefined : show(stored));
}

function forTenant({ envelope, position }: Stored): string {
  const { id, type, session, turn, time, causation, emitter, basis, traceparent, data } = envelope;
  return JSON.stringify({
    id,
    type,
    session,
    turn,
    position,
    time,
    causation,
    emitter,
    basis,
    traceparent,
    data: pick(data, (field) => !INTERNAL.has(field)),
  });
}

function forUser({ envelope, position }: Stored): string | undefined {
  const { id, type, session, turn, time, data } = envelope;
  const fields = FOR_USERS[type];
  if (!fields) return undefined;
  return JSON.stringify({
    id,
    type,
    session,
    turn,
    position,
    time,
    data: pick(data, (field) => fields.includes(field)),
  });
}

const pick = (data: unknown, wanted: (field: string) => boolean): object =>
  Object.fromEntries(Object.entries(data as object).filter(([field]) => wanted(field)));
