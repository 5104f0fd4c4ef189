import { PlatformError } from '../../errors/index.ts';
import { readOnnx, type Tensor } from './onnx-weights.ts';
import type { Encoder, Layer, Shape } from './shape.ts';

/** What a shape may be at most: a file that claims more is refused before anything is taken for it. */
const LIMITS: Shape = { bits: 18, dim: 512, hidden: 512, layers: 4 };

/** The encoder in a net's ONNX file as training/export.py writes it; `nlu.net-refused` where it is another file. */
export function readEncoder(file: Uint8Array): Encoder {
  const { tensors, metadata } = readOnnx(file);
  const shape = checkedShape(parsed(metadata.get('shape')));
  const rows = 2 ** shape.bits;
  const { dim, hidden } = shape;
  const floats = (name: string, ...dimensions: readonly number[]) => {
    const bytes = tensorBytes(tensors, name, 4, dimensions);
    return new Float32Array(new Uint8Array(bytes).buffer);
  };
  // The file's last row, of zeros, stands for "no feature".
  const values = new Int8Array(tensorBytes(tensors, 'table', 1, [rows + 1, dim])).slice(0, rows * dim);
  const factors = floats('factors', rows + 1, 1).slice(0, rows);
  const convolutions = Array.from({ length: shape.layers }, (_, i): Layer => {
    const inputs = i === 0 ? dim : hidden;
    const stored = floats(`conv.${i}.weights`, hidden, inputs, 3);
    return { weights: turned(stored, inputs, hidden), bias: floats(`conv.${i}.bias`, hidden) };
  });
  return { shape, table: { values, factors }, convolutions };
}

/** A shape within bounds, or `nlu.net-refused`. */
export function checkedShape(value: unknown): Shape {
  const given = (typeof value === 'object' && value !== null ? value : {}) as Partial<Record<keyof Shape, unknown>>;
  const within = (key: keyof Shape, step: number) => {
    const number = given[key];
    if (typeof number === 'number' && Number.isInteger(number / step) && number > 0 && number <= LIMITS[key])
      return number;
    throw refused(`its ${key} is out of bounds`);
  };
  return { bits: within('bits', 1), dim: within('dim', 16), hidden: within('hidden', 16), layers: within('layers', 1) };
}

/** From [outputs, inputs, 3], as ONNX has it, to rows of outputs for each of the three tokens' inputs. */
function turned(stored: Float32Array, inputs: number, outputs: number): Float32Array {
  const weights = new Float32Array(stored.length);
  for (let out = 0; out < outputs; out += 1) {
    for (let i = 0; i < inputs; i += 1) {
      for (let side = 0; side < 3; side += 1) {
        weights[(side * inputs + i) * outputs + out] = stored[(out * inputs + i) * 3 + side] as number;
      }
    }
  }
  return weights;
}

function tensorBytes(
  tensors: ReadonlyMap<string, Tensor>,
  name: string,
  width: number,
  dimensions: readonly number[],
): Uint8Array {
  const tensor = tensors.get(name);
  const expected = dimensions.reduce((product, dimension) => product * dimension, width);
  if (tensor?.dimensions.join() !== dimensions.join() || tensor.bytes.length !== expected) {
    throw refused(`its ${name} has another shape`);
  }
  return tensor.bytes;
}

function parsed(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? 'null');
  } catch (error) {
    throw refused('its metadata is no JSON', error);
  }
}

function refused(why: string, cause?: unknown): PlatformError {
  return new PlatformError('nlu.net-refused', `could not read a net: ${why}`, { retry: 'never', cause });
}
