/** How a model's frames are read as words: the part of its `config.json` that the decoder needs. */
export interface DecoderConfig {
  /** What each column of the model's output stands for. */
  readonly tokens: readonly string[];
  /** The token of a frame in which no word is to be reported. */
  readonly blank: string;
  /** The token of speech that is none of the model's words. */
  readonly unknown: string;
  readonly frameMs: number;
  /** How far the model's output lags behind the sound. */
  readonly delayMs: number;
  /** Words that are less certain are reported as unknown, from 0 to 1. */
  readonly threshold: number;
  readonly decoder: {
    /** The share of a frame that must not be blank for it to belong to a word. */
    readonly speech: number;
    /** Frames' worth of evidence below which a segment is no word. */
    readonly shortest: number;
    /** Frames' worth of evidence that a word of its own needs when it follows another without a pause. */
    readonly split: number;
    /** For each token, the frames' worth of evidence that a whole one gives: with less, a word is less certain. */
    readonly full: readonly number[];
  };
}

/** A word that was heard. Times are estimates, good to about 60 ms: the model sees the end of a word, not its beginning. */
export interface HeardWord {
  /** One of the model's tokens; its unknown token stands for speech that is none of its words. */
  readonly word: string;
  readonly fromMs: number;
  readonly toMs: number;
  /** From 0 to 1: the share of this word in all that the segment could have been, less where it was cut short. */
  readonly confidence: number;
}

/** What the decoder must remember from frame to frame: small, and survives JSON. */
export interface DecoderState {
  /** Frames that were read so far. */
  readonly frames: number;
  readonly open: Segment | null;
}

interface Segment {
  /** The first frame. */
  readonly from: number;
  /** Summed shares of each token since then. */
  readonly sums: readonly number[];
  /** The same for the latest frames, if another word has taken the lead in them. */
  readonly rival: { readonly token: number; readonly from: number; readonly sums: readonly number[] } | null;
}

/** What frames gave: `words` will not change any more, `partial` is what the unfinished segment looks like. */
export interface Decoded {
  readonly state: DecoderState;
  readonly words: readonly HeardWord[];
  readonly partial: HeardWord | null;
}

/** Before the first frame. */
export const DECODER_START: DecoderState = { frames: 0, open: null };

/**
 * Reads further frames: log probabilities, one row of `config.tokens.length` for each frame. Words are runs of frames
 * that are not blank; each run is one word, that with the largest sum, unless another word takes over in the middle of
 * it and keeps the lead.
 */
export function decode(config: DecoderConfig, state: DecoderState, logprobs: Float32Array): Decoded {
  const width = config.tokens.length;
  const words: HeardWord[] = [];
  let { frames, open } = state;
  for (let at = 0; at < logprobs.length; at += width) {
    const shares = Array.from(logprobs.subarray(at, at + width), Math.exp);
    const next = step(config, open, shares, frames);
    words.push(...next.words);
    open = next.open;
    frames += 1;
  }
  return { state: { frames, open }, words, partial: open ? wordOf(config, open.sums, open.from, frames) : null };
}

/**
 * The utterance is over: what is open becomes a word if there is enough of it. Go on with `{ ...state, open: null }`,
 * or with `DECODER_START` where times are to begin anew.
 */
export function finishDecoding(config: DecoderConfig, state: DecoderState): readonly HeardWord[] {
  return state.open ? closed(config, state.open, state.frames) : [];
}

interface Step {
  readonly open: Segment | null;
  readonly words: readonly HeardWord[];
}

function step(config: DecoderConfig, open: Segment | null, shares: readonly number[], frame: number): Step {
  const blank = config.tokens.indexOf(config.blank);
  if (1 - (shares[blank] ?? 0) < config.decoder.speech) {
    return { open: null, words: open ? closed(config, open, frame) : [] };
  }
  if (!open) return { open: { from: frame, sums: shares, rival: null }, words: [] };
  const sums = added(open.sums, shares);
  const lead = best(shares, blank);
  if (lead === best(open.rival ? less(open.sums, open.rival.sums) : open.sums, blank)) {
    return { open: { ...open, sums, rival: null }, words: [] };
  }
  const rival =
    open.rival?.token === lead
      ? { ...open.rival, sums: added(open.rival.sums, shares) }
      : { token: lead, from: frame, sums: shares };
  const before = less(sums, rival.sums);
  const { split } = config.decoder;
  if ((rival.sums[lead] ?? 0) < split || (before[best(before, blank)] ?? 0) < split) {
    return { open: { ...open, sums, rival }, words: [] };
  }
  return {
    open: { from: rival.from, sums: rival.sums, rival: null },
    words: closed(config, { from: open.from, sums: before, rival: null }, rival.from),
  };
}

function closed(config: DecoderConfig, { sums, from }: Segment, end: number): readonly HeardWord[] {
  const word = wordOf(config, sums, from, end);
  return word ? [word] : [];
}

/** The emission begins in the middle of a word: what lies before is about two thirds of what was seen. */
function wordOf(config: DecoderConfig, sums: readonly number[], from: number, end: number): HeardWord | null {
  const blank = config.tokens.indexOf(config.blank);
  const token = best(sums, blank);
  const spoken = sums.reduce((sum, share, k) => (k === blank ? sum : sum + share), 0);
  if (spoken < config.decoder.shortest) return null;
  const evidence = sums[token] ?? 0;
  const confidence = (evidence / spoken) * Math.min(1, evidence / (config.decoder.full[token] ?? 1));
  const certain = confidence >= config.threshold;
  return {
    word: (certain ? config.tokens[token] : undefined) ?? config.unknown,
    fromMs: Math.max(0, Math.round((from - (2 / 3) * (end - from)) * config.frameMs - config.delayMs)),
    toMs: Math.max(0, end * config.frameMs - config.delayMs),
    confidence,
  };
}

/** The column with the largest value, besides the blank's. */
function best(values: readonly number[], blank: number): number {
  return values.reduce((at, value, k) => (k !== blank && (at < 0 || value > (values[at] ?? 0)) ? k : at), -1);
}

const added = (a: readonly number[], b: readonly number[]): readonly number[] => a.map((v, k) => v + (b[k] ?? 0));
const less = (a: readonly number[], b: readonly number[]): readonly number[] => a.map((v, k) => v - (b[k] ?? 0));
