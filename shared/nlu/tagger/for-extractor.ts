import type { Tagger as Port } from '../entities/tagger.ts';
import { taggerOf } from './tagger.ts';
import type { TaggerModel } from './tag.ts';

/**
 * What is less likely than this to be exactly that entity at exactly that place is not told: an empty slot is asked for, a
 * wrong one has to be taken back. With values that no example has (our own set, six free slots): at 0.3 precision is 4 to 5
 * points lower than at 0.5, recall 2 to 3 higher.
 */
export const SURE = 0.4;

/** A trained tagger as the extractor of entities asks for it. */
export function extractorTagger(model: TaggerModel, name: string): Port {
  const { spans } = taggerOf(model);
  return {
    model: name,
    // Spans are told in UTF-16 code units, as places in normalised texts are.
    tag: ({ text }) =>
      spans(text).flatMap(({ kind: { entity, role, group }, start, end, confidence }) =>
        confidence < SURE
          ? []
          : [{ entity, start, end, ...(role !== undefined && { role }), ...(group !== undefined && { group }) }],
      ),
  };
}
