import { PlatformError } from '../../errors/index.ts';

/** A tensor of an ONNX file: its dimensions and its numbers as they lie in the file. */
export interface Tensor {
  readonly dimensions: readonly number[];
  readonly bytes: Uint8Array;
}

/** What is read of an ONNX file: its stored tensors and its metadata by name. */
export interface OnnxContents {
  readonly tensors: ReadonlyMap<string, Tensor>;
  readonly metadata: ReadonlyMap<string, string>;
}

/** Field numbers of onnx.proto3 that matter here. */
const MODEL = { graph: 7, metadata: 14 };
const GRAPH = { initializer: 5 };
const TENSOR = { dimensions: 1, name: 8, raw: 9 };
const ENTRY = { key: 1, value: 2 };

interface Field {
  readonly number: number;
  /** The content of a field with a length; empty for a whole number. */
  readonly bytes: Uint8Array;
  readonly whole: number;
}

/** The tensors and metadata of an ONNX file, without a copy; `nlu.net-refused` where it is not one. */
export function readOnnx(file: Uint8Array): OnnxContents {
  const model = fieldsOf(file);
  const graph = model.find((field) => field.number === MODEL.graph);
  if (!graph) throw refused('it has no graph');
  const tensors = fieldsOf(graph.bytes)
    .filter((field) => field.number === GRAPH.initializer)
    .map(({ bytes }) => tensorOf(bytes));
  const metadata = model
    .filter((field) => field.number === MODEL.metadata)
    .map(({ bytes }) => {
      const entry = fieldsOf(bytes);
      return [textOf(entry, ENTRY.key), textOf(entry, ENTRY.value)] as const;
    });
  return { tensors: new Map(tensors), metadata: new Map(metadata) };
}

function tensorOf(bytes: Uint8Array): readonly [string, Tensor] {
  const fields = fieldsOf(bytes);
  const dimensions = fields
    .filter(({ number }) => number === TENSOR.dimensions)
    .flatMap((field) => (field.bytes.length === 0 ? [field.whole] : wholesOf(field.bytes)));
  const raw = fields.find(({ number }) => number === TENSOR.raw)?.bytes ?? new Uint8Array();
  return [textOf(fields, TENSOR.name), { dimensions, bytes: raw }];
}

/** The fields of a protobuf message, in order. */
function fieldsOf(bytes: Uint8Array): readonly Field[] {
  const fields: Field[] = [];
  let at = 0;
  while (at < bytes.length) {
    const tag = whole(bytes, at);
    const value = whole(bytes, tag.next);
    const number = tag.value >>> 3;
    switch (tag.value & 7) {
      case 0:
        fields.push({ number, bytes: new Uint8Array(), whole: value.value });
        at = value.next;
        break;
      case 2:
        at = value.next + value.value;
        if (at > bytes.length) throw refused('it is cut off');
        fields.push({ number, bytes: bytes.subarray(value.next, at), whole: 0 });
        break;
      case 1:
        at = tag.next + 8;
        break;
      case 5:
        at = tag.next + 4;
        break;
      default:
        throw refused('it is not ONNX');
    }
  }
  return fields;
}

function wholesOf(bytes: Uint8Array): readonly number[] {
  const values: number[] = [];
  for (let at = 0; at < bytes.length;) {
    const { value, next } = whole(bytes, at);
    values.push(value);
    at = next;
  }
  return values;
}

/** A number of 7 bits a byte; those beyond 2^53 are none that is needed here. */
function whole(bytes: Uint8Array, from: number): { readonly value: number; readonly next: number } {
  let value = 0;
  for (let i = 0; i < 10; i += 1) {
    const byte = bytes[from + i];
    if (byte === undefined) break;
    value += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) return { value, next: from + i + 1 };
  }
  throw refused('it is cut off');
}

const textOf = (fields: readonly Field[], number: number): string =>
  new TextDecoder().decode(fields.find((field) => field.number === number)?.bytes);

function refused(why: string): PlatformError {
  return new PlatformError('nlu.net-refused', `could not read a net: ${why}`, { retry: 'never' });
}
