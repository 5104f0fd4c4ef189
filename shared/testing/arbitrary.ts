import fc from 'fast-check';
import * as v from 'valibot';
import { catalogue } from '../../events/catalogue.ts';
import type { AnyEventDefinition, Draft } from '../../events/define.ts';
import { EventId, SessionId, TenantId, TraceParent, type Envelope } from '../../events/envelope.ts';
import { locale, name, timezone } from '../../events/fields.ts';

// Scripts that are written from right to left, joined, combined or beyond 16 bits, and what JSON and headers escape.
const TEXTS = [
  '',
  ' ',
  '您好',
  'שלום',
  'مرحبا',
  'नमस्ते',
  '👩‍👩‍👧‍👦',
  '𠮷',
  'é',
  '"\\/\t\r\n',
  '\u2028\u2029',
  '%20',
  '\ufeff',
  '__proto__',
];
const anyText = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.array(fc.constantFrom(...TEXTS), { maxLength: 8 }).map((parts) => parts.join('')),
);
const ascii = ['a', 'b', 'Z', '0', '9'];
const anyName = fc
  .tuple(
    fc.constantFrom(...ascii, '包', 'ё'),
    fc.string({ unit: fc.constantFrom(...ascii, '裹', '_', '.', '/', '@', '+', '-') }),
  )
  .map(([first, rest]) => first + rest);

/** For patterns that fast-check cannot read, or that hardly any text would meet. */
const KNOWN = new Map<v.GenericSchema, fc.Arbitrary<unknown>>([
  [name, anyName],
  [locale, fc.constantFrom('zh', 'en', 'zh-Hant', 'en-GB', 'de-DE-1996')],
  [timezone, fc.constantFrom('UTC', 'Asia/Shanghai', 'America/Argentina/Buenos_Aires', 'Etc/GMT+1')],
]);

/** Anything that a schema of an event admits. Throws on a kind of schema that it cannot make values of. */
export function arbitraryOf(schema: v.GenericSchema): fc.Arbitrary<unknown> {
  const known = KNOWN.get(schema);
  if (known) return known;
  const piece = schema as unknown as Piece;
  if (piece.pipe) {
    // A check may stand before the schema that says what the value is.
    const last = piece.pipe.findLast(({ kind }) => kind === 'schema') ?? piece;
    const from = last === piece ? plain(piece) : arbitraryOf(last as unknown as v.GenericSchema);
    return narrowed(from, piece.pipe).filter((value) => v.is(schema, value));
  }
  return plain(piece);
}

/** Any event of the catalogue, as its author writes it. */
export const arbitraryDraft: fc.Arbitrary<Draft> = fc.oneof(
  ...catalogue.map((d: AnyEventDefinition) =>
    arbitraryOf(d.schema as v.GenericSchema).map((data) => (d as unknown as (data: unknown) => Draft)(data)),
  ),
);

/** Any event of the catalogue in any envelope. */
export const arbitraryEnvelope: fc.Arbitrary<Envelope> = fc
  .record(
    {
      id: arbitraryOf(EventId),
      tenant: arbitraryOf(TenantId),
      session: arbitraryOf(SessionId),
      turn: arbitraryOf(EventId),
      time: fc.date({ min: new Date(0), max: new Date('9999-12-31'), noInvalidDate: true }).map((d) => d.toISOString()),
      causation: arbitraryOf(EventId),
      emitter: arbitraryOf(TenantId),
      kind: arbitraryOf(TenantId),
      basis: fc.maxSafeNat(),
      traceparent: arbitraryOf(TraceParent),
      draft: arbitraryDraft,
    },
    { requiredKeys: ['id', 'tenant', 'session', 'time', 'emitter', 'draft'] },
  )
  .map(({ draft, ...rest }) => ({ ...rest, ...draft }) as unknown as Envelope);

interface Piece {
  readonly kind: string;
  readonly type: string;
  readonly requirement?: unknown;
  readonly pipe?: readonly Piece[];
  readonly entries?: Readonly<Record<string, v.GenericSchema>>;
  readonly item?: v.GenericSchema;
  readonly key?: v.GenericSchema;
  readonly value?: v.GenericSchema;
  readonly wrapped?: v.GenericSchema;
  readonly options?: readonly v.GenericSchema[] | readonly string[];
  readonly literal?: unknown;
}

function plain(piece: Piece): fc.Arbitrary<unknown> {
  const { entries, item, key, literal, options = [], type, value, wrapped } = piece;
  switch (type) {
    case 'string':
      return anyText;
    case 'number':
      // Below zero there is -0, which JSON does not have.
      return fc.oneof(fc.maxSafeNat(), fc.nat(1_000), fc.double({ min: 0, max: 1, noNaN: true }));
    case 'boolean':
      return fc.boolean();
    case 'unknown':
      return fc.jsonValue({ maxDepth: 3 }).map((any) => JSON.parse(JSON.stringify(any)) as unknown);
    case 'literal':
      return fc.constant(literal);
    case 'picklist':
      return fc.constantFrom(...options);
    case 'variant':
      return fc.oneof(...(options as readonly v.GenericSchema[]).map(arbitraryOf));
    case 'strict_object':
      return object(entries ?? {});
    case 'array':
      return item ? fc.array(arbitraryOf(item), { maxLength: 4 }) : fc.constant([]);
    case 'record':
      return key && value
        ? fc.dictionary(arbitraryOf(key) as fc.Arbitrary<string>, arbitraryOf(value), {
            maxKeys: 4,
            noNullPrototype: true,
          })
        : fc.constant({});
    case 'exact_optional':
      if (wrapped) return arbitraryOf(wrapped);
      break;
  }
  throw new Error(`cannot make values of a ${type}`);
}

function object(entries: Readonly<Record<string, v.GenericSchema>>): fc.Arbitrary<unknown> {
  const model = Object.fromEntries(Object.entries(entries).map(([key, entry]) => [key, arbitraryOf(entry)]));
  const requiredKeys = Object.keys(entries).filter((key) => entries[key]?.type !== 'exact_optional');
  return fc.record(model, { requiredKeys, noNullPrototype: true });
}

/** Values that a pattern or a length leaves over: to filter any text for them would take for ever. */
function narrowed(from: fc.Arbitrary<unknown>, pipe: readonly Piece[]): fc.Arbitrary<unknown> {
  const pattern = pipe.find(({ type }) => type === 'regex')?.requirement;
  if (pattern instanceof RegExp) return fc.stringMatching(pattern);
  const length = pipe.find(({ type }) => type === 'length')?.requirement;
  if (typeof length === 'number') return fc.string({ minLength: length, maxLength: length });
  return from;
}
