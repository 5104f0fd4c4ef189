import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { modelInvalid } from './invalid.ts';

// The protobuf of an ONNX file, walked without reading the weights. Field numbers: onnx.proto, ModelProto and below.

/** Older ones have no LayerNormalization and date from before 2019; newer ones than the runtime knows fail there. */
const OPSETS = { min: 7, max: 30 } as const;
const MAX_IR_VERSION = 13;
/** Operators that the runtime knows by itself. */
const DOMAINS: ReadonlySet<string> = new Set(['', 'ai.onnx', 'ai.onnx.ml', 'com.microsoft', 'com.microsoft.nchwc']);
const MAX_DEPTH = 16;
/** Of one message; the largest real graphs have some ten thousand nodes. */
const MAX_FIELDS = 1_000_000;

/**
 * Looks through an ONNX file's structure: complete, of a version that is understood, with all weights inside and only
 * well-known operators. Weights in other files could be any file of this machine. Fails with `model.invalid`.
 */
export function checkOnnxFile(file: string, name: string): void {
  const handle = openSync(file, 'r');
  try {
    const walker = walk(handle, name);
    const model = walker.fields(0, statSync(file).size);
    const version = model.find((f) => f.number === 1)?.value ?? 0;
    if (version < 3 || version > MAX_IR_VERSION) throw modelInvalid(name, `has the ONNX version ${version}`);
    const graph = model.find((f) => f.number === 7);
    if (!graph) throw modelInvalid(name, 'holds no graph');
    const opsets = model.filter((f) => f.number === 8).map((f) => walker.fields(f.start, f.end));
    if (opsets.length === 0) throw modelInvalid(name, 'names no operator set');
    for (const opset of opsets) checkOpset(opset, walker, name);
    checkGraph(graph, walker, name, 0);
    for (const fn of model.filter((f) => f.number === 25)) {
      for (const node of walker.fields(fn.start, fn.end)) if (node.number === 7) checkNode(node, walker, name, 0);
    }
  } finally {
    closeSync(handle);
  }
}

interface Field {
  readonly number: number;
  /** Of a number. */
  readonly value: number;
  /** Where the content of anything else lies. */
  readonly start: number;
  readonly end: number;
}

interface Walker {
  readonly fields: (start: number, end: number) => readonly Field[];
  readonly text: (field: Field | undefined) => string;
}

function checkOpset(opset: readonly Field[], walker: Walker, name: string): void {
  const domain = walker.text(opset.find((f) => f.number === 1));
  const version = opset.find((f) => f.number === 2)?.value ?? 0;
  const standard = domain === '' || domain === 'ai.onnx';
  if (standard && (version < OPSETS.min || version > OPSETS.max)) {
    throw modelInvalid(name, `uses operator set ${version}`);
  }
}

function checkGraph(graph: Field, walker: Walker, name: string, depth: number): void {
  if (depth > MAX_DEPTH) throw modelInvalid(name, 'is nested too deeply');
  for (const field of walker.fields(graph.start, graph.end)) {
    if (field.number === 1) checkNode(field, walker, name, depth);
    if (field.number === 5) checkTensor(field, walker, name);
  }
}

function checkNode(node: Field, walker: Walker, name: string, depth: number): void {
  const fields = walker.fields(node.start, node.end);
  if (!DOMAINS.has(walker.text(fields.find((f) => f.number === 7)))) {
    throw modelInvalid(name, 'uses operators that nobody knows');
  }
  for (const attribute of fields.filter((f) => f.number === 5)) {
    for (const part of walker.fields(attribute.start, attribute.end)) {
      if (part.number === 5 || part.number === 10) checkTensor(part, walker, name);
      if (part.number === 6 || part.number === 11) checkGraph(part, walker, name, depth + 1);
    }
  }
}

function checkTensor(tensor: Field, walker: Walker, name: string): void {
  const outside = walker.fields(tensor.start, tensor.end).some((f) => f.number === 13 || (f.number === 14 && f.value));
  if (outside) throw modelInvalid(name, 'has its weights in other files');
}

/** Reads fields through a small window, so that gigabytes of weights are skipped and not read. */
function walk(handle: number, name: string): Walker {
  const window = Buffer.alloc(64 << 10);
  let from = 0;
  let held = 0;
  const byteAt = (position: number): number => {
    if (position < from || position >= from + held) {
      from = position;
      held = readSync(handle, window, 0, window.length, position);
      if (held === 0) throw modelInvalid(name, 'is cut off');
    }
    return window[position - from] ?? 0;
  };
  const varint = (start: number, end: number): { value: number; next: number } => {
    let value = 0;
    for (let i = 0; i < 10; i++) {
      if (start + i >= end) throw modelInvalid(name, 'is cut off');
      const byte = byteAt(start + i);
      value += (byte & 0x7f) * 2 ** (7 * i);
      if (byte < 0x80) return { value, next: start + i + 1 };
    }
    throw modelInvalid(name, 'is not an ONNX file');
  };

  return {
    fields(start, end) {
      const found: Field[] = [];
      for (let at = start; at < end;) {
        const key = varint(at, end);
        const number = Math.floor(key.value / 8);
        const content = contentOf(key.value % 8, key.next, end, varint, name);
        if (number === 0) throw modelInvalid(name, 'is not an ONNX file');
        if (content.end > end) throw modelInvalid(name, 'is cut off');
        if (found.length === MAX_FIELDS) throw modelInvalid(name, 'has too many parts');
        found.push({ number, ...content });
        at = content.end;
      }
      return found;
    },
    text(field) {
      if (!field) return '';
      if (field.end - field.start > 256) throw modelInvalid(name, 'uses operators that nobody knows');
      return Buffer.from(Array.from({ length: field.end - field.start }, (_, i) => byteAt(field.start + i))).toString();
    },
  };
}

function contentOf(
  wire: number,
  at: number,
  end: number,
  varint: (start: number, end: number) => { value: number; next: number },
  name: string,
): { readonly value: number; readonly start: number; readonly end: number } {
  switch (wire) {
    case 0: {
      const { value, next } = varint(at, end);
      return { value, start: at, end: next };
    }
    case 1:
      return { value: 0, start: at, end: at + 8 };
    case 2: {
      const { value, next } = varint(at, end);
      return { value: 0, start: next, end: next + value };
    }
    case 5:
      return { value: 0, start: at, end: at + 4 };
    default:
      throw modelInvalid(name, 'is not an ONNX file');
  }
}
