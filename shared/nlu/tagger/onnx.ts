import { FLOAT, input, INT64, INT8, integer, node, onnxFile, output, tensor, text } from '../model/onnx-graph.ts';
import { labelCount } from './labels.ts';
import type { TaggerModel } from './tag.ts';
import { readTokens, tokenRoom } from './tokens.ts';
import { readUnits, unitRoom, WHOLE } from './units.ts';

/** The first in which several updates of one place are added up. */
const OPSET = 16;

/**
 * The emission scores of a tagger as an ONNX file (opset 16): inputs `ids` and `places` (int64, [n]: which weights, and
 * to which score each is added) and `size` (int64, [1]); output `scores` (float, [tokens * labels]). For other runtimes
 * and to check ours; the best path over them is found in TypeScript, and so is everything on the hot path.
 */
export function onnxOf({ emissions }: TaggerModel): Buffer {
  const { weight, scale } = emissions;
  return onnxFile(
    'emissions',
    OPSET,
    node('Gather', ['weights', 'ids'], 'steps'),
    node('Cast', ['steps'], 'values', integer('to', FLOAT)),
    node('ConstantOfShape', ['size'], 'zeros'),
    node('ScatterElements', ['zeros', 'places', 'values'], 'sums', text('reduction', 'add')),
    node('Mul', ['sums', 'scale'], 'scores'),
    tensor('weights', INT8, [weight.length], Int8Array.from(weight)),
    tensor('scale', FLOAT, [1], Float32Array.of(scale)),
    input('ids', INT64, ['n']),
    input('places', INT64, ['n']),
    input('size', INT64, ['one']),
    output('scores', FLOAT, ['m']),
  );
}

/** What the ONNX file is to be given for a text. */
export interface EmissionInputs {
  readonly ids: BigInt64Array;
  readonly places: BigInt64Array;
  readonly size: BigInt64Array;
}

/** The inputs of the ONNX file for a text: each weight of each of its units, once for every token that it speaks of. */
export function emissionInputs({ kinds, lexicon, emissions }: TaggerModel, utterance: string): EmissionInputs {
  const tokens = tokenRoom();
  const read = unitRoom();
  readTokens(utterance, tokens);
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
