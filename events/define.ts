import * as v from 'valibot';

/** One step of an event's history: the data of one revision as the next one would have written it. */
type Upcast = (data: never) => unknown;

/** An event type: its current shape, and how to read every shape it ever had. */
export interface EventDefinition<Type extends string = string, Data = unknown> {
  readonly type: Type;
  /** The revision written today. Revisions start at 1 and never change meaning. */
  readonly revision: number;
  readonly schema: v.GenericSchema<unknown, Data>;
  /** `upcasts[n]` turns the data of revision `n` into that of revision `n + 1`. */
  readonly upcasts: Readonly<Record<number, Upcast>>;
  /** The kind that goes into the envelope; undefined for an event of no particular kind. */
  readonly kindOf?: (data: Data) => string | undefined;
  /** The event as its author writes it; the runtime adds the envelope. */
  (data: Data): Draft<Type, Data>;
}

/** What a function returns: an event that has happened but is not yet stored. */
export interface Draft<Type extends string = string, Data = unknown> {
  readonly type: Type;
  readonly revision: number;
  readonly data: Data;
}

// The parameter of the call signature makes a definition invariant in Data; `any` opens it again.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type AnyEventDefinition = EventDefinition<any, any>;
export type DraftOf<D> = D extends EventDefinition<infer T, infer Data> ? Draft<T, Data> : never;
export type DataOf<D> = D extends EventDefinition<infer _T, infer Data> ? Data : never;

/** Why stored data could not be read. `newer`: a build that knows the revision can; `invalid`: nobody can. */
export type Unreadable = 'newer' | 'invalid';

/**
 * Declares an event type. The schema checks and brands but never transforms, so that what is read is what was stored.
 * Throws at load when a step of its history is missing, or when one is left over because nobody raised the revision.
 */
export function defineEvent<const Type extends string, Data>(spec: {
  type: Type;
  revision: number;
  schema: v.GenericSchema<unknown, Data>;
  upcasts?: Readonly<Record<number, Upcast>>;
  kindOf?: (data: Data) => string | undefined;
}): EventDefinition<Type, Data> {
  const { type, revision, schema, upcasts = {}, kindOf } = spec;
  for (let n = 1; n < revision; n++) {
    if (!upcasts[n]) throw new Error(`${type}: no upcast from revision ${n} to ${n + 1}`);
  }
  const beyond = Object.keys(upcasts).find((n) => Number(n) >= revision);
  if (beyond) throw new Error(`${type}: an upcast from revision ${beyond}, which is the newest`);
  const create = (data: Data): Draft<Type, Data> => ({ type, revision, data });
  return Object.assign(create, { type, revision, schema, upcasts, ...(kindOf && { kindOf }) });
}

/** Brings stored data of any older revision to the current one and checks it. Never throws. */
export function readData<D extends AnyEventDefinition>(
  definition: D,
  revision: number,
  data: unknown,
):
  | { readonly ok: true; readonly data: DataOf<D> }
  | { readonly ok: false; readonly why: Unreadable; readonly field?: string } {
  if (revision > definition.revision) return { ok: false, why: 'newer' };
  let current = data;
  for (let n = revision; n < definition.revision; n++) {
    const step = definition.upcasts[n];
    if (!step) return { ok: false, why: 'invalid' };
    try {
      current = step(current as never);
    } catch {
      return { ok: false, why: 'invalid' };
    }
  }
  const parsed = v.safeParse(definition.schema, current);
  if (parsed.success) return { ok: true, data: parsed.output as DataOf<D> };
  const [issue] = parsed.issues;
  return { ok: false, why: 'invalid', field: v.getDotPath(issue) ?? '' };
}
