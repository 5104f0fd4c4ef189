import { PlatformError } from '../errors/index.ts';
import type { Unheard } from './ear.ts';
import type { Endpointing } from './endpoint.ts';
import type { Intake } from './intake.ts';
import type { VadState } from './vad.ts';

/** An utterance that is not over. */
export interface OpenUtterance {
  readonly number: number;
  readonly locale: string;
  /** Where the first sound of it is, and where the last one ends that sounded like speech. */
  readonly fromMs: number;
  readonly toMs: number;
  /** The words so far. */
  readonly text: string;
  /** Who listens, and all that it knows, where that is small. */
  readonly model?: string | undefined;
  readonly saved?: Uint8Array | undefined;
  /** Nobody could make it out: it is only waited for its end. */
  readonly unheard?: Unheard | undefined;
  /** The first piece that was listened to; what came before the onset is in it. */
  readonly first: Int16Array;
  /** The chunk with that piece, and how far the sound was taken in with it: the other pieces are the chunks after it. */
  readonly since: { readonly position: number; readonly intake: Intake };
}

/**
 * What listening to a call has come to: a fold of its chunks. The same chunks always lead to the same state, whoever
 * folds them, except for what engines say that fail or answer late.
 */
export interface HearingState {
  /** The last chunk in it: its number, and where it stands. */
  readonly number: number;
  readonly position: number;
  readonly intake: Intake;
  readonly vad: VadState;
  /** The newest samples: those before a possible onset, and `unseen` ones at the end that fill no window yet. */
  readonly tail: Int16Array;
  readonly unseen: number;
  readonly endpointing: Endpointing;
  /** Utterances that have begun. */
  readonly utterances: number;
  readonly open?: OpenUtterance | undefined;
}

/** A state as it is kept, with the process that has everything about the call at hand. */
export interface KeptHearing {
  readonly state: HearingState;
  readonly by: string;
}

/** Raised with each change of what is written below. Readers come one release before. */
const VERSION = 1;

/** Writes a state in bytes: JSON, and after it the samples and numbers as they are. Some 2 to 12 kilobytes. */
export function writeHearing({ state, by }: KeptHearing): Uint8Array {
  const parts: Uint8Array[] = [];
  const kept = (part: ArrayBufferView | undefined): number => {
    if (!part) return -1;
    parts.push(new Uint8Array(part.buffer, part.byteOffset, part.byteLength));
    return part.byteLength;
  };
  const sampling = (intake: Intake) => ({
    ...intake,
    resampling: intake.resampling && { ...intake.resampling, history: kept(intake.resampling.history) },
  });
  const { vad, tail, open, intake, ...rest } = state;
  const said = {
    version: VERSION,
    by,
    ...rest,
    intake: sampling(intake),
    vad: { memory: kept(vad.memory), context: kept(vad.context), quiet: vad.quiet },
    tail: kept(tail),
    open: open && {
      ...open,
      saved: kept(open.saved),
      first: kept(open.first),
      since: { position: open.since.position, intake: sampling(open.since.intake) },
    },
  };
  const text = Buffer.from(JSON.stringify(said));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(text.length);
  return Buffer.concat([length, text, ...parts]);
}

/** The inverse. Fails with `hearing.newer` (later) on what a newer build wrote, and `hearing.malformed` (never). */
export function readHearing(bytes: Uint8Array): KeptHearing {
  try {
    return read(bytes);
  } catch (cause) {
    if (cause instanceof PlatformError) throw cause;
    throw new PlatformError('hearing.malformed', 'a state of hearing is malformed', { retry: 'never', cause });
  }
}

type Said<T> = { readonly [K in keyof T]: T[K] extends ArrayBufferView | undefined ? number : Said<T[K]> };

function read(bytes: Uint8Array): KeptHearing {
  const whole = Buffer.from(bytes);
  let at = 4 + whole.readUInt32LE(0);
  const { version, by, ...said } = JSON.parse(whole.subarray(4, at).toString()) as Said<HearingState> & {
    readonly version: number;
    readonly by: string;
  };
  if (version !== VERSION) {
    throw new PlatformError('hearing.newer', `a state of hearing of version ${version}`, { retry: 'later' });
  }
  const part = (length: number): ArrayBuffer => {
    if (at + length > whole.length) throw new RangeError('cut off');
    const copy = Uint8Array.from(whole.subarray(at, at + length)).buffer;
    at += length;
    return copy;
  };
  const samples = (length: number): Int16Array => new Int16Array(part(length));
  // In the order in which they were written: the fields' own.
  const sampling = ({ rate, endMs, resampling }: Said<Intake>): Intake => ({
    rate,
    endMs,
    ...(resampling && {
      resampling: { ...resampling, history: samples(resampling.history) },
    }),
  });
  const { number, position, unseen, endpointing, utterances, open } = said;
  const intake = sampling(said.intake);
  const memory = new Float32Array(part(said.vad.memory));
  const vad = { memory, context: samples(said.vad.context), quiet: said.vad.quiet };
  const tail = samples(said.tail);
  const state = { number, position, intake, vad, tail, unseen, endpointing, utterances };
  if (!open) return { state, by };
  const { model, saved, unheard, first, since, ...utterance } = open as Said<Required<OpenUtterance>>;
  return {
    by,
    state: {
      ...state,
      open: {
        ...utterance,
        model,
        saved: saved < 0 ? undefined : new Uint8Array(part(saved)),
        unheard,
        first: samples(first),
        since: { position: since.position, intake: sampling(since.intake) },
      },
    },
  };
}
