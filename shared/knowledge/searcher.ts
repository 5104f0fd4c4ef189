import type { Article } from './article.ts';
import { confidenceOf, type Evidence } from './confidence.ts';
import { counted, inverted, type Counted, type Lexicon, type Weighed } from './inverted.ts';
import { PAIR, termsOf } from './terms.ts';
import type { Tuning } from './tuning.ts';
import { vectors } from './vectors.ts';
import type { Embedder } from './embedder.ts';

/** A title says in few words what an article is about. */
const TITLE_WEIGHT = 2;
/** Pairs of characters repeat what words say. */
const PAIR_WEIGHT = 0.5;

/** What of an article is compared with a question: a passage, or a way of asking that stands with it. */
interface Entry {
  readonly counted: Counted;
  readonly vector: Float32Array | undefined;
  /** The passage that is shown. */
  readonly passage: number;
}

/** An article, ready to be put into an index. */
export interface Prepared {
  readonly article: Article;
  readonly entries: readonly Entry[];
}

/** An article that was found, and its best passage. */
export interface Hit {
  readonly article: Article;
  /** Which passage of the article. */
  readonly passage: number;
  /** What the order is by. */
  readonly score: number;
  readonly evidence: Evidence;
  /** The probability that it answers. */
  readonly confidence: number;
}

/** Counts words and makes vectors, once for each version of an article. */
export async function prepare(article: Article, words: Lexicon, embedder?: Embedder): Promise<Prepared> {
  const { title, passages, questions } = article;
  const inTitle = weighed(title, TITLE_WEIGHT);
  const shown = [
    ...passages.map(({ headings, text }, passage) => ({
      passage,
      terms: [...inTitle, ...headings.flatMap((heading) => weighed(heading, 1)), ...weighed(text, 1)],
      text: [title, ...headings, text].join('\n'),
    })),
    ...questions.map((question) => ({ passage: 0, terms: weighed(question, 1), text: question })),
  ];
  const made = await embedder?.embed(
    shown.map(({ text }) => text),
    { as: 'passage' },
  );
  return {
    article,
    entries: shown.map(({ passage, terms }, i) => ({ passage, vector: made?.[i], counted: counted(terms, words) })),
  };
}

const weighed = (text: string, weight: number): readonly Weighed[] =>
  termsOf(text).map((term) => [term, weight] as const);

/** What a question is searched by: its terms and, with a model, its vector. */
export interface Question {
  readonly terms: readonly Weighed[];
  readonly vector?: Float32Array | undefined;
}

/** Prepares a question. */
export async function questionOf(text: string, embedder?: Embedder): Promise<Question> {
  const terms = termsOf(text).map((term) => [term, term.startsWith(PAIR) ? PAIR_WEIGHT : 1] as const);
  const [vector] = (await embedder?.embed([text], { as: 'query' })) ?? [];
  return { terms, vector };
}

/** Answers questions out of articles of one language. */
export interface Searcher {
  readonly articles: number;
  readonly passages: number;
  readonly bytes: number;
  /** The best articles first; equal ones in the order of the shelf. Only those that share anything with the question. */
  search(question: Question, limit: number): readonly Hit[];
}

/**
 * An index over prepared articles. `tuning` says how the two scores become one: a weighted sum, which was better than
 * reciprocal ranks on the project's own questions (bench/knowledge).
 */
export function searcher(prepared: readonly Prepared[], words: Lexicon, tuning: Tuning, dimension = 0): Searcher {
  const entries = prepared.flatMap(({ entries: own }, article) => own.map((entry) => ({ ...entry, article })));
  const byWords = inverted(
    entries.map((entry) => entry.counted),
    words,
  );
  const made = entries.flatMap(({ vector }) => (vector ? [vector] : []));
  const byMeaning = dimension > 0 && made.length === entries.length ? vectors(made, dimension) : undefined;
  const owner = Uint32Array.from(entries, ({ article }) => article);
  const best = new Int32Array(prepared.length);

  return {
    articles: prepared.length,
    passages: prepared.reduce((sum, { article }) => sum + article.passages.length, 0),
    bytes: byWords.bytes + (byMeaning?.bytes ?? 0),
    search({ terms, vector }, limit) {
      const { of: inWords, highest: most } = byWords.score(terms);
      const inMeaning = vector && byMeaning ? byMeaning.score(vector) : undefined;
      const share = inMeaning ? tuning.words : 1;
      const scoreOf = (i: number) =>
        share * (inWords[i] as number) + (inMeaning ? (1 - share) * (inMeaning[i] as number) : 0);
      best.fill(-1);
      for (let i = 0; i < owner.length; i++) {
        const article = owner[i] as number;
        const before = best[article] as number;
        if (before < 0 || scoreOf(i) > scoreOf(before)) best[article] = i;
      }
      const ranked = highest(best, scoreOf, limit + 1);
      return ranked.slice(0, limit).flatMap((entry, rank): Hit[] => {
        const { article = 0, passage = 0 } = entries[entry] ?? {};
        const found = prepared[article];
        if (!found) return [];
        const score = scoreOf(entry);
        const rival = ranked[rank === 0 ? 1 : 0];
        const evidence = {
          words: most > 0 ? (inWords[entry] as number) / most : 0,
          meaning: inMeaning ? (inMeaning[entry] as number) : 0,
          lead: score - (rival === undefined ? 0 : scoreOf(rival)),
        };
        const confidence = confidenceOf(evidence, tuning.calibration);
        return [{ article: found.article, passage, score, evidence, confidence }];
      });
    },
  };
}

/** The entries with the highest scores above 0, in order. A few of many: kept by insertion. */
function highest(of: Int32Array, scoreOf: (entry: number) => number, limit: number): readonly number[] {
  const top: number[] = [];
  for (const entry of of) {
    const score = scoreOf(entry);
    if (!(score > 0)) continue;
    const last = top.at(-1);
    if (top.length === limit && last !== undefined && scoreOf(last) >= score) continue;
    let at = top.length;
    while (at > 0 && scoreOf(top[at - 1] as number) < score) at--;
    top.splice(at, 0, entry);
    if (top.length > limit) top.pop();
  }
  return top;
}
