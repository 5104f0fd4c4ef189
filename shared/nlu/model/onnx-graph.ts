import { bytesField, message, numberField } from './protobuf.ts';

/** Kinds of numbers in tensors. */
export const FLOAT = 1;
export const INT8 = 3;
export const INT64 = 7;

/** Kinds of attributes. */
const INT = 2;
const STRING = 3;
const IR_VERSION = 8;

/** One step of a graph: what it takes, and the name of what it gives. */
export function node(
  type: string,
  inputs: readonly string[],
  output: string,
  ...attributes: readonly Buffer[]
): Buffer {
  const fields = [...inputs.map((input) => bytesField(1, input)), bytesField(2, output), bytesField(4, type)];
  return bytesField(1, message(...fields, ...attributes.map((attribute) => bytesField(5, attribute))));
}

/** An attribute of a step: a whole number. */
export const integer = (name: string, of: number): Buffer =>
  message(bytesField(1, name), numberField(3, of), numberField(20, INT));

/** An attribute of a step: a text. */
export const text = (name: string, of: string): Buffer =>
  message(bytesField(1, name), bytesField(4, of), numberField(20, STRING));

/** Numbers that are part of the file. */
export function tensor(name: string, type: number, dims: readonly number[], of: ArrayBufferView<ArrayBuffer>): Buffer {
  const raw = new Uint8Array(of.buffer, of.byteOffset, of.byteLength);
  const shape = dims.map((dim) => numberField(1, dim));
  return bytesField(5, message(...shape, numberField(2, type), bytesField(8, name), bytesField(9, raw)));
}

/** What a graph is given. A dimension that is not a number is a name for any. */
export const input = (name: string, type: number, dims: readonly (number | string)[]): Buffer =>
  bytesField(11, value(name, type, dims));

/** What a graph gives. */
export const output = (name: string, type: number, dims: readonly (number | string)[]): Buffer =>
  bytesField(12, value(name, type, dims));

/** A graph as a file, of a version of the set of steps. */
export function onnxFile(name: string, opset: number, ...parts: readonly Buffer[]): Buffer {
  const graph = message(...parts, bytesField(2, name));
  const set = message(bytesField(1, ''), numberField(2, opset));
  return message(numberField(1, IR_VERSION), bytesField(2, 'turnstream'), bytesField(7, graph), bytesField(8, set));
}

function value(name: string, type: number, dims: readonly (number | string)[]): Buffer {
  const shape = dims.map((dim) => bytesField(1, typeof dim === 'number' ? numberField(1, dim) : bytesField(2, dim)));
  return message(
    bytesField(1, name),
    bytesField(2, bytesField(1, message(numberField(1, type), bytesField(2, message(...shape))))),
  );
}
