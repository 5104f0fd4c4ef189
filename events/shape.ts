import type { GenericSchema } from 'valibot';

/** One place in an event's data: `text`, `bot.name`, `others[].intent`, `act.slots{}`, `act<ask>.slot`. */
export interface Field {
  readonly path: string;
  readonly optional: boolean;
  /** What valibot calls it, for example `string` or `strict_object`. */
  readonly type: string;
  /** What it is checked for, in the order of the checks. */
  readonly checks: readonly string[];
  /** Whether the schema marks it, with everything below it, as telling something about a person. */
  readonly personal: boolean;
}

/** What there is to know about a piece of a valibot schema, whatever kind of piece it is. */
interface Piece {
  readonly kind: 'schema' | 'validation' | 'transformation' | 'metadata';
  readonly type: string;
  readonly expects?: string | null;
  readonly message?: unknown;
  readonly name?: string;
  readonly metadata?: { readonly personal?: boolean };
  readonly pipe?: readonly Piece[];
  readonly entries?: Readonly<Record<string, Piece>>;
  readonly item?: Piece;
  readonly key?: Piece | string;
  readonly value?: Piece;
  readonly wrapped?: Piece;
  readonly options?: readonly Piece[];
  readonly literal?: unknown;
}

/**
 * Every place of a schema, from the outside in: what the lock file and the list of personal fields are made of.
 * Throws on a kind of schema that it cannot look into, so that nothing is left out in silence.
 */
export const fieldsOf = (schema: GenericSchema): readonly Field[] => walk(schema, '', false);

function walk(schema: Piece, path: string, optional: boolean): readonly Field[] {
  if (schema.wrapped) {
    if (schema.type !== 'exact_optional') throw new Error(`cannot describe ${schema.type} at ${path}`);
    return walk(schema.wrapped, path, true);
  }
  const pieces = flat(schema);
  // A pipe may hold several schemas one after the other: the last says what it is, the ones before are checks.
  const inner = pieces.findLast(({ kind }) => kind === 'schema') ?? schema;
  const personal = pieces.some(({ metadata }) => metadata?.personal === true);
  const checks = pieces.filter((p) => p !== inner && p.kind !== 'metadata').map(checkOf);
  return [{ path, optional, type: typeOf(inner), checks, personal }, ...below(inner, path)];
}

/** The pieces of a pipe, those of pipes within it included. */
const flat = (schema: Piece): readonly Piece[] =>
  schema.pipe ? schema.pipe.flatMap((p) => (p.kind === 'schema' ? flat(p) : [p])) : [schema];

const typeOf = ({ type, expects, key }: Piece): string => {
  if (type === 'picklist' || type === 'literal') return `${type} ${expects ?? ''}`;
  if (type === 'record')
    return `record of ${flat(key as Piece)
      .map(checkOf)
      .join(', ')}`;
  return type;
};

/** A function has no description of its own: a check is known by its message. */
const checkOf = ({ kind, type, expects, message, name }: Piece): string => {
  if (kind === 'transformation' && type !== 'brand') throw new Error(`an event schema must not transform: ${type}`);
  const detail = name ?? (type === 'check' || type === 'custom' ? String(message) : kind === 'schema' ? '' : expects);
  return detail ? `${type} ${detail}` : type;
};

function below(schema: Piece, path: string): readonly Field[] {
  switch (schema.type) {
    case 'strict_object':
      return Object.entries(schema.entries ?? {}).flatMap(([key, entry]) =>
        walk(entry, path ? `${path}.${key}` : key, false),
      );
    case 'array':
      return schema.item ? walk(schema.item, `${path}[]`, false) : [];
    case 'record':
      return schema.value ? walk(schema.value, `${path}{}`, false) : [];
    case 'variant':
      return (schema.options ?? []).flatMap((option) => {
        const literal = option.entries?.[schema.key as string]?.literal;
        return walk(option, `${path}<${String(literal)}>`, false);
      });
    case 'string':
    case 'number':
    case 'boolean':
    case 'picklist':
    case 'literal':
    case 'unknown':
      return [];
    default:
      throw new Error(`cannot describe ${schema.type} at ${path}`);
  }
}
