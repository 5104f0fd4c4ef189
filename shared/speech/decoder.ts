import type { Context, HeardPart } from './context.ts';

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
  /** Words that are less certain, given what stands around them, are reported as unknown, from 0 to 1. */
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
  readonly context: Context;
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

/** What frames gave: `parts` will not change any more, `partial` is what the unfinished one looks like. */
export interface Decoded {
  readonly state: DecoderState;
  readonly parts: readonly HeardPart[];
  readonly partial: HeardPart | null;
}

/** Before the first frame. */
export const DECODER_START: DecoderState = { frames: 0, open: null };

/**
 * Reads further frames: log probabilities, one row of `config.tokens.length` for each frame. Parts are runs of frames
 * that are not blank; each run is one part, unless another word takes over in the middle of it and keeps the lead.
 * Which words they are is for `wordsOf` (`context.ts`).
 */
export function decode(config: DecoderConfig, state: DecoderState, logprobs: Float32Array): Decoded {
  const width = config.tokens.length;
  const parts: HeardPart[] = [];
  let { frames, open } = state;
  for (let at = 0; at < logprobs.length; at += width) {
    const shares = Array.from(logprobs.subarray(at, at + width), Math.exp);
    const next = step(config, open, shares, frames);
    parts.push(...next.parts);
    open = next.open;
    frames += 1;
  }
  return { state: { frames, open }, parts, partial: open ? partOf(config, open.sums, open.from, frames) : null };
}

/**
 * The utterance is over: what is open becomes a part if there is enough of it. Go on with `{ ...state, open: null }`,
 * or with `DECODER_START` where times are to begin anew.
 */
export function finishDecoding(config: DecoderConfig, state: DecoderState): readonly HeardPart[] {
  return state.open ? closed(config, state.open, state.frames) : [];
}

interface Step {
  readonly open: Segment | null;
  readonly parts: readonly HeardPart[];
}

function step(config: DecoderConfig, open: Segment | null, shares: readonly number[], frame: number): Step {
  const blank = config.tokens.indexOf(config.blank);
  if (1 - (shares[blank] ?? 0) < config.decoder.speech) {
    return { open: null, parts: open ? closed(config, open, frame) : [] };
  }
  if (!open) return { open: { from: frame, sums: shares, rival: null }, parts: [] };
  const sums = added(open.sums, shares);
  const lead = best(shares, blank);
  if (lead === best(open.rival ? less(open.sums, open.rival.sums) : open.sums, blank)) {
    return { open: { ...open, sums, rival: null }, parts: [] };
  }
  const rival =
    open.rival?.token === lead
      ? { ...open.rival, sums: added(open.rival.sums, shares) }
      : { token: lead, from: frame, sums: shares };
  const before = less(sums, rival.sums);
  const { split } = config.decoder;
  if ((rival.sums[lead] ?? 0) < split || (before[best(before, blank)] ?? 0) < split) {
    return { open: { ...open, sums, rival }, parts: [] };
  }
  return {
    open: { from: rival.from, sums: rival.sums, rival: null },
    parts: closed(config, { from: open.from, sums: before, rival: null }, rival.from),
  };
}

function closed(config: DecoderConfig, { sums, from }: Segment, end: number): readonly HeardPart[] {
  const part = partOf(config, sums, from, end);
  return part ? [part] : [];
}

/** The emission begins in the middle of a word: what lies before is about two thirds of what was seen. */
function partOf(config: DecoderConfig, sums: readonly number[], from: number, end: number): HeardPart | null {
  const blank = config.tokens.indexOf(config.blank);
  const spoken = sums.reduce((sum, share, k) => (k === blank ? sum : sum + share), 0);
  if (spoken < config.decoder.shortest) return null;
  const guesses = config.context.groups.map((group) => {
    const columns = group.map((word) => config.tokens.indexOf(word));
    const column = columns.reduce((a, b) => ((sums[b] ?? 0) > (sums[a] ?? 0) ? b : a));
    const evidence = sums[column] ?? 0;
    // The share of the word in all that the part could be, less where it was cut short.
    const certainty = (evidence / spoken) * Math.min(1, evidence / (config.decoder.full[column] ?? 1));
    return { word: config.tokens[column] ?? config.unknown, certainty: Math.round(certainty * 1_000) / 1_000 };
  });
  return {
    fromMs: Math.max(0, Math.round((from - (2 / 3) * (end - from)) * config.frameMs - config.delayMs)),
    toMs: Math.max(0, end * config.frameMs - config.delayMs),
    guesses,
  };
}

/** The column with the largest value, besides the blank's. */
function best(values: readonly number[], blank: number): number {
  return values.reduce((at, value, k) => (k !== blank && (at < 0 || value > (values[at] ?? 0)) ? k : at), -1);
}

const added = (a: readonly number[], b: readonly number[]): readonly number[] => a.map((v, k) => v + (b[k] ?? 0));
const less = (a: readonly number[], b: readonly number[]): readonly number[] => a.map((v, k) => v - (b[k] ?? 0));
