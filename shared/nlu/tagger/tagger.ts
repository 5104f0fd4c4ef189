import { beamFor } from './beam.ts';
import { codePointsOf } from '../entities/code-points.ts';
import type { TaggedText } from './examples.ts';
import { pruned } from './prune.ts';
import { spanFinder, type Span, type TaggerModel } from './tag.ts';
import { train, type TaggerOptions } from './train.ts';

/** An entity that a tagger found. Places count code points of the text; half of a surrogate pair counts as one. */
export interface Tagged {
  readonly entity: string;
  readonly role?: string;
  readonly group?: string;
  readonly start: number;
  readonly end: number;
  /** How likely exactly this entity stands exactly there, by the model: 0 to 1. */
  readonly confidence: number;
}

/** A learned tagger of names and free slots. One text at a time: it reads in rooms that it uses again. */
export interface Tagger {
  readonly model: TaggerModel;
  /** The entities in the first 2,000 code units of a text, in order, none over another. */
  readonly tag: (text: string) => readonly Tagged[];
  /** The same with places in UTF-16 code units, whatever their confidence. */
  readonly spans: (text: string) => readonly Span[];
}

/**
 * Trains a tagger on examples with marked entities; the same examples, options and seed give the same tagger. Markings
 * that cannot be learnt from (outside of the text, over one another, empty) are left out; report them while reading.
 */
export function trainTagger(examples: readonly TaggedText[], options: TaggerOptions = {}): Tagger {
  const { emissions, ...trained } = train(examples, options);
  const model = { ...trained, emissions: pruned(emissions) };
  const beam = beamFor(
    model,
    examples.map(({ text }) => text),
  );
  return taggerOf({ ...model, beam }, options.threshold);
}

/** Runs a model. Entities less likely than `threshold` are not told. */
export function taggerOf(model: TaggerModel, threshold = 0): Tagger {
  const spans = spanFinder(model);
  return {
    model,
    spans,
    tag: (text) => {
      const found = spans(text);
      if (found.length === 0) return [];
      const place = codePointsOf(text);
      return found
        .filter(({ confidence }) => confidence >= threshold)
        .map(({ kind: { entity, role, group }, start, end, confidence }) => ({
          entity,
          ...(role === undefined ? {} : { role }),
          ...(group === undefined ? {} : { group }),
          start: place(start),
          end: place(end),
          confidence,
        }));
    },
  };
}
