import type { Beam } from './lattice.ts';
import { spanFinder, type TaggerModel } from './tag.ts';

/** From narrow and fast to one that hardly leaves anything aside. */
const BEAMS: readonly Beam[] = [
  { reach: 8, part: 3e-4 },
  { reach: 10, part: 1e-4 },
  { reach: 12, part: 1e-5 },
];
const WIDEST: Beam = { reach: 18, part: 1e-6 };
/** Texts that are looked at, and how many of a thousand may have another answer. */
const TEXTS = 600;
const OTHERS_PER_MILLE = 1;

/** The narrowest beam that gives nearly the same spans as the widest, on training texts spread over all of them. */
export function beamFor(model: Omit<TaggerModel, 'beam'>, texts: readonly string[]): Beam {
  const step = Math.max(1, Math.floor(texts.length / TEXTS));
  const some = texts.filter((_, i) => i % step === 0);
  const answers = (beam: Beam): readonly string[] => {
    const find = spanFinder({ ...model, beam });
    return some.map((text) => JSON.stringify(find(text).map(({ kind, start, end }) => [kind, start, end])));
  };
  const wanted = answers(WIDEST);
  const fits = (beam: Beam): boolean =>
    answers(beam).filter((answer, i) => answer !== wanted[i]).length * 1_000 <= some.length * OTHERS_PER_MILLE;
  return BEAMS.find(fits) ?? WIDEST;
}
