import { confidenceOf, type Calibration } from '../../shared/knowledge/confidence.ts';
import type { Embedder } from '../../shared/knowledge/embedder.ts';
import { lexicon } from '../../shared/knowledge/inverted.ts';
import { prepare, questionOf, searcher, type Hit } from '../../shared/knowledge/searcher.ts';
import { fitted, type Outcome } from './logistic.ts';
import { articlesIn, BOTS, LANGUAGES, questionsIn, type DemoBot, type Language } from './set.ts';

/** Parts of the words in the score that are tried. */
const SHARES = [0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5, 0.6];
/** What reciprocal ranks are counted from. */
const RANK_OFFSETS = [5, 20, 60];
const FOLDS = 5;
/** A calibrated answer is given where it is likelier right than wrong. */
export const THRESHOLD = 0.5;
const NO_LINE: Calibration = { bias: 0, words: 1, meaning: 0, lead: 0 };

/** How articles are put in order. */
export type Ordering = `words` | `meaning` | `sum ${number}` | `ranks ${number}`;

/** A question, what answers it, and the articles in the order of each way. */
export interface Case {
  readonly bot: DemoBot;
  readonly language: Language;
  readonly fold: number;
  readonly article: string | undefined;
  readonly found: ReadonlyMap<Ordering, readonly Hit[]>;
}

/** Asks every question in every way. */
export async function cases(embedder: Embedder): Promise<readonly Case[]> {
  const all: Case[] = [];
  for (const bot of BOTS) for (const language of LANGUAGES) all.push(...(await casesOf(bot, language, embedder)));
  return all;
}

async function casesOf(bot: DemoBot, language: Language, embedder: Embedder): Promise<readonly Case[]> {
  const words = lexicon();
  const prepared = await Promise.all(articlesIn(language, bot).map((article) => prepare(article, words, embedder)));
  const by = (share: number) =>
    searcher(prepared, words, { words: share, calibration: NO_LINE, threshold: 0 }, embedder.dimension);
  const sums = SHARES.map((share) => [share, by(share)] as const);
  const [onlyWords, onlyMeaning] = [by(1), by(0)];
  const all: Case[] = [];
  for (const [i, { text, article }] of questionsIn(language, bot).entries()) {
    const question = await questionOf(text, embedder);
    const inWords = onlyWords.search({ terms: question.terms }, prepared.length);
    const inMeaning = onlyMeaning.search(question, prepared.length);
    const found = new Map<Ordering, readonly Hit[]>([
      ['words', inWords],
      ['meaning', inMeaning],
      ...sums.map(([share, s]) => [`sum ${share}`, s.search(question, prepared.length)] as const),
      ...RANK_OFFSETS.map((offset) => [`ranks ${offset}`, byRanks([inWords, inMeaning], offset)] as const),
    ]);
    // A question's neighbours in the file are about the same article: they go to different folds.
    all.push({ bot, language, fold: i % FOLDS, article, found });
  }
  return all;
}

/** Reciprocal rank fusion (Cormack, Clarke and Büttcher, 2009). */
function byRanks(lists: readonly (readonly Hit[])[], offset: number): readonly Hit[] {
  const scores = new Map<string, { readonly hit: Hit; readonly score: number }>();
  for (const list of lists) {
    for (const [rank, hit] of list.entries()) {
      const before = scores.get(hit.article.id)?.score ?? 0;
      scores.set(hit.article.id, { hit, score: before + 1 / (offset + rank + 1) });
    }
  }
  return [...scores.values()].toSorted((a, b) => b.score - a.score).map(({ hit, score }) => ({ ...hit, score }));
}

/** How often the right article is the first, and among the first five; the mean of one over its rank. */
export interface Quality {
  readonly recall1: number;
  readonly recall5: number;
  readonly mrr: number;
}

/** Quality over those cases that an article answers. `of`: in which order they are told for a case. */
export function qualityOf(all: readonly Case[], of: (one: Case) => Ordering): Quality {
  const answerable = all.filter(({ article }) => article !== undefined);
  const ranks = answerable.map((one) => rankIn(one, of(one)));
  const mean = (value: (rank: number) => number) => ranks.reduce((sum, r) => sum + value(r), 0) / ranks.length;
  return {
    recall1: mean((rank) => (rank === 1 ? 1 : 0)),
    recall5: mean((rank) => (rank <= 5 ? 1 : 0)),
    mrr: mean((rank) => 1 / rank),
  };
}

function rankIn({ article, found }: Case, by: Ordering): number {
  const index = (found.get(by) ?? []).findIndex((hit) => hit.article.id === article);
  return index < 0 ? Infinity : index + 1;
}

/** For each fold the ordering of this kind that is best on the other folds. */
export function chosen(all: readonly Case[], kind: 'sum' | 'ranks'): readonly Ordering[] {
  return Array.from({ length: FOLDS }, (_, fold) =>
    bestOf(
      all.filter((one) => one.fold !== fold),
      kind,
    ),
  );
}

/** The ordering of a kind with the highest MRR. */
export function bestOf(all: readonly Case[], kind: 'sum' | 'ranks'): Ordering {
  const orderings = [...(all[0]?.found.keys() ?? [])].filter((ordering) => ordering.startsWith(kind));
  const quality = orderings.map((ordering) => ({ ordering, mrr: qualityOf(all, () => ordering).mrr }));
  return quality.toSorted((a, b) => b.mrr - a.mrr)[0]?.ordering ?? 'words';
}

/** First hits and whether they are right. Where nothing is found there is nothing to judge: the bot does not know. */
export const outcomes = (
  all: readonly Case[],
  of: (one: Case) => Ordering,
): readonly (Outcome & { readonly one: Case })[] =>
  all.flatMap((one) => {
    const first = one.found.get(of(one))?.[0];
    return first ? [{ one, evidence: first.evidence, right: first.article.id === one.article }] : [];
  });

/** A first hit with a probability that was fitted without its fold. */
export interface Judged {
  readonly one: Case;
  readonly confidence: number;
  readonly right: boolean;
}

/** Every first hit, judged by a line fitted on the other folds. */
export function judged(all: readonly Case[], of: (one: Case) => Ordering): readonly Judged[] {
  const seen = outcomes(all, of);
  return Array.from({ length: FOLDS }, (_, fold) => fold).flatMap((fold) => {
    const line = fitted(seen.filter(({ one }) => one.fold !== fold));
    return seen
      .filter(({ one }) => one.fold === fold)
      .map(({ one, evidence, right }) => ({ one, right, confidence: confidenceOf(evidence, line) }));
  });
}
