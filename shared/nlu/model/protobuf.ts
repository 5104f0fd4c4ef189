// The few kinds of field that ONNX needs, written as Protocol Buffers: https://protobuf.dev/programming-guides/encoding

const VARINT = 0;
const BYTES = 2;

/** A field with a number of 0 or more, up to 2^53. */
export function numberField(field: number, value: number): Buffer {
  return Buffer.concat([varint(field * 8 + VARINT), varint(value)]);
}

/** A field with text, bytes or another message. */
export function bytesField(field: number, value: string | Uint8Array): Buffer {
  const bytes = typeof value === 'string' ? Buffer.from(value) : value;
  return Buffer.concat([varint(field * 8 + BYTES), varint(bytes.length), bytes]);
}

/** A message of fields. */
export const message = (...fields: readonly Buffer[]): Buffer => Buffer.concat(fields);

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) + 0x80);
    rest = Math.floor(rest / 0x80);
  }
  return Buffer.from([...bytes, rest]);
}
