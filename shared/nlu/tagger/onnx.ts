import { bytesField, message, numberField } from '../model/protobuf.ts';
import { labelCount } from './labels.ts';
import type { TaggerModel } from './tag.ts';
import { readTokens, tokenRoom } from './tokens.ts';
import { readUnits, unitRoom, WHOLE } from './units.ts';

const FLOAT = 1;
const INT8 = 3;
const INT64 = 7;
const INT = 2;
const STRING = 3;
const IR_VERSION = 8;
/** The first in which several updates of one place are added up. */
const OPSET = 16;

/**
 * The emission scores of a tagger as an ONNX file (opset 16): inputs `ids` and `places` (int64, [n]: which weights, and
 * to which score each is added) and `size` (int64, [1]); output `scores` (float, [tokens * labels]). For other runtimes
 * and to check ours; the best path over them is found in TypeScript, and so is everything on the hot path.
 */
export function onnxOf({ emissions }: TaggerModel): Buffer {
  const { weight, scale } = emissions;
  const graph = message(
    node('Gather', ['weights', 'ids'], 'steps'),
    node('Cast', ['steps'], 'values', [bytesField(1, 'to'), numberField(3, FLOAT), numberField(20, INT)]),
    node('ConstantOfShape', ['size'], 'zeros'),
    node('ScatterElements', ['zeros', 'places', 'values'], 'sums', [
      bytesField(1, 'reduction'),
      bytesField(4, 'add'),
      numberField(20, STRING),
    ]),
    node('Mul', ['sums', 'scale'], 'scores'),
    bytesField(2, 'emissions'),
    tensor('weights', INT8, weight.length, new Uint8Array(Int8Array.from(weight).buffer)),
    tensor('scale', FLOAT, 1, new Uint8Array(Float32Array.of(scale).buffer)),
    bytesField(11, vector('ids', INT64, 'n')),
    bytesField(11, vector('places', INT64, 'n')),
    bytesField(11, vector('size', INT64, 'one')),
    bytesField(12, vector('scores', FLOAT, 'm')),
  );
  const opset = message(bytesField(1, ''), numberField(2, OPSET));
  return message(numberField(1, IR_VERSION), bytesField(2, 'turnstream'), bytesField(7, graph), bytesField(8, opset));
}

/** What the ONNX file is to be given for a text. */
export interface EmissionInputs {
  readonly ids: BigInt64Array;
  readonly places: BigInt64Array;
  readonly size: BigInt64Array;
}

/** The inputs of the ONNX file for a text: each weight of each of its units, once for every token that it speaks of. */
export function emissionInputs({ kinds, lexicon, emissions }: TaggerModel, text: string): EmissionInputs {
  const tokens = tokenRoom();
  const read = unitRoom();
  readTokens(text, tokens);
  readUnits(tokens, lexicon, read);
  const size = tokens.count * labelCount(kinds.length);
  const ids: bigint[] = [];
  const places: bigint[] = [];
  const put = (weight: number, place: number): void => {
    if (place < 0 || place >= size) return;
    ids.push(BigInt(weight));
    places.push(BigInt(place));
  };
  for (let u = 0; u < read.count; u += 1) {
    const unit = emissions.units.idOf(read.key[u] as number);
    if (unit < 0) continue;
    const place = read.place[u] as number;
    for (let w = emissions.begin[unit] as number; w < (emissions.begin[unit + 1] as number); w += 1) {
      const first = place === WHOLE ? 0 : place;
      const last = place === WHOLE ? tokens.count - 1 : place;
      for (let i = first; i <= last; i += 1) put(w, i * labelCount(kinds.length) + (emissions.delta[w] as number));
    }
  }
  return { ids: BigInt64Array.from(ids), places: BigInt64Array.from(places), size: BigInt64Array.of(BigInt(size)) };
}

function node(type: string, inputs: readonly string[], output: string, attribute?: readonly Buffer[]): Buffer {
  const fields = [...inputs.map((input) => bytesField(1, input)), bytesField(2, output), bytesField(4, type)];
  return bytesField(1, message(...fields, ...(attribute ? [bytesField(5, message(...attribute))] : [])));
}

function tensor(name: string, type: number, length: number, raw: Uint8Array): Buffer {
  return bytesField(5, message(numberField(1, length), numberField(2, type), bytesField(8, name), bytesField(9, raw)));
}

function vector(name: string, type: number, dimension: string): Buffer {
  const shape = bytesField(1, bytesField(2, dimension));
  return message(
    bytesField(1, name),
    bytesField(2, bytesField(1, message(numberField(1, type), bytesField(2, message(shape))))),
  );
}
