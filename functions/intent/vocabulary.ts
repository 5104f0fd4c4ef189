import type { Features } from './features.ts';

/** A text in numbers: which known features it has, how often, and how much else there is. */
export interface Counted {
  readonly ids: Int32Array;
  readonly counts: Float64Array;
  /** Sum of the squared counts of features that no example has. */
  readonly strange: number;
}

/** All features of a bot's examples, numbered. */
export interface Vocabulary {
  readonly size: number;
  readonly count: (features: Features) => Counted;
}

/** Numbers the features of some texts, once for every model that is trained on parts of them. */
export function vocabularyOf(texts: readonly Features[]): Vocabulary {
  const ids = new Map<string, number>();
  for (const features of texts) {
    for (const feature of features.keys()) if (!ids.has(feature)) ids.set(feature, ids.size);
  }
  const count = (features: Features): Counted => {
    const found = new Int32Array(features.size);
    const counts = new Float64Array(features.size);
    let length = 0;
    let strange = 0;
    for (const [feature, times] of features) {
      const id = ids.get(feature);
      if (id === undefined) strange += times * times;
      else {
        found[length] = id;
        counts[length] = times;
        length += 1;
      }
    }
    return { ids: found.subarray(0, length), counts: counts.subarray(0, length), strange };
  };
  return { size: ids.size, count };
}
