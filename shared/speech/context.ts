/** A stretch of speech, about one word long, and which word of each group it would be. */
export interface HeardPart {
  readonly fromMs: number;
  readonly toMs: number;
  /** For each of `context.groups`, in its order, the likeliest word and how certain it is by itself, from 0 to 1. */
  readonly guesses: readonly { readonly word: string; readonly certainty: number }[];
}

/** A word that was heard. Times are estimates, good to about 60 ms: the model sees the end of a word, not its beginning. */
export interface HeardWord {
  /** One of the model's tokens; its unknown token stands for speech that is none of its words. */
  readonly word: string;
  readonly fromMs: number;
  readonly toMs: number;
  /** From 0 to 1: how certain that it is a word of its group, given all that was heard around it. */
  readonly confidence: number;
}

/**
 * What a decoder expects to stand beside what: digits come in strings, and a word amid other speech is seldom one of
 * the model's.
 */
export interface Context {
  /** The model's words, in groups that are spoken together. */
  readonly groups: readonly (readonly string[])[];
  /** How likely each group is where nothing was heard before; what is missing to 1 is for other speech. */
  readonly prior: readonly number[];
  /** How likely what follows at once is of the same kind: for each group, then for other speech. */
  readonly stay: readonly number[];
  /** The pause after which 1/e of that is left. */
  readonly fadeMs: number;
  /** The least that any kind is held possible by a single part, so that none decides alone. */
  readonly doubt: number;
  /** A word that is less certain by itself is unknown, whatever stands around it. */
  readonly least: number;
}

/**
 * The words that parts are, each judged with all others: a hidden Markov model whose states are the groups and other
 * speech, read forwards and backwards (Rabiner 1989). A part whose likeliest group is less certain than the threshold
 * is the unknown word. What comes later may change what was told before.
 */
export function wordsOf(
  { context, threshold, unknown }: { readonly context: Context; readonly threshold: number; readonly unknown: string },
  parts: readonly HeardPart[],
): readonly HeardWord[] {
  return kinds(context, parts).map((shares, i) => {
    const { guesses = [], fromMs = 0, toMs = 0 } = parts[i] ?? {};
    const groups = shares.slice(0, context.groups.length);
    const confidence = Math.max(...groups);
    const guess = guesses[groups.indexOf(confidence)];
    const told = guess && confidence >= threshold && guess.certainty >= context.least;
    return { word: told ? guess.word : unknown, fromMs, toMs, confidence };
  });
}

/** For each part, how likely it is of each group, then of other speech; these are 1 together. */
function kinds(context: Context, parts: readonly HeardPart[]): readonly (readonly number[])[] {
  const { prior, stay, fadeMs, doubt } = context;
  const start = [...prior, Math.max(0, 1 - total(prior))];
  const seen = parts.map(({ guesses }) => {
    const certainties = guesses.map(({ certainty }) => certainty);
    return [...certainties, 1 - Math.max(0, ...certainties)].map((share) => Math.max(doubt, share));
  });
  /** How much of staying the same kind is left at a part. */
  const kept = parts.map(({ fromMs }, i) => {
    const pause = i > 0 ? Math.max(0, fromMs - (parts[i - 1]?.toMs ?? 0)) : Infinity;
    return stay.map((share) => share * Math.exp(-pause / fadeMs));
  });
  const forwards = seen.reduce<readonly (readonly number[])[]>((all, here, i) => {
    const before = all.at(-1);
    const stays = kept[i] ?? [];
    const free = before ? total(before.map((share, k) => share * (1 - (stays[k] ?? 0)))) : 1;
    const come = start.map((share, k) => free * share + (before?.[k] ?? 0) * (stays[k] ?? 0));
    return [...all, shared(come.map((share, k) => share * (here[k] ?? 0)))];
  }, []);
  const backwards = seen.reduceRight<readonly (readonly number[])[]>((all, here, i) => {
    // What follows a part, as far as its own kind bears on it; i is the part that follows.
    const after = here.map((share, k) => share * (all[0]?.[k] ?? 1));
    const anew = total(start.map((share, k) => share * (after[k] ?? 0)));
    const stays = kept[i] ?? [];
    return [shared(stays.map((share, k) => (1 - share) * anew + share * (after[k] ?? 0))), ...all];
  }, []);
  return forwards.map((shares, i) => shared(shares.map((share, k) => share * (backwards[i + 1]?.[k] ?? 1))));
}

const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

/** The same proportions, 1 together. */
function shared(values: readonly number[]): readonly number[] {
  const sum = total(values);
  return values.map((value) => (sum > 0 ? value / sum : 1 / values.length));
}
