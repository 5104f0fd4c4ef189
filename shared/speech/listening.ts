import type { AudioLog } from './audio-log.ts';
import type { CallRef, StoredChunk } from './chunk.ts';
import { openEar, UnheardError, type Ear, type Limits, type Made, type Unheard } from './ear.ts';
import { endpoint, SILENCE, SPEAKING_FROM, type SpeechEnd } from './endpoint.ts';
import type { Engines } from './engines.ts';
import type { HearingState, OpenUtterance } from './hearing.ts';
import { initialIntake, joined, takeIn } from './intake.ts';
import { initialVad, WINDOW_MS, windowOf, type Vad } from './vad.ts';

/** What happened while a chunk was listened to, in order. */
export type Effect =
  | { readonly kind: 'started'; readonly utterance: number; readonly fromMs: number }
  /** The words so far have changed. */
  | { readonly kind: 'partial'; readonly utterance: number; readonly text: string }
  | (Over & { readonly kind: 'transcribed'; readonly end: SpeechEnd; readonly made: Made })
  | (Over & { readonly kind: 'not-transcribed'; readonly reason: Unheard });

interface Over {
  readonly utterance: number;
  readonly locale: string;
  readonly fromMs: number;
  readonly toMs: number;
}

/** What listening needs. */
export interface Listeners {
  readonly vad: Vad;
  readonly engines: Engines;
  /** Where what was heard before is read again. */
  readonly audio: Pick<AudioLog, 'between'>;
  readonly limits?: Limits;
}

/** Listens to one call. Chunks come one after the other, each once its predecessor's effects are all taken. */
export interface Listening {
  /**
   * Listens to the next chunk. What is yielded has happened, also when the rest fails; after a failure nothing but
   * `close` follows.
   *
   * @param options `skip`: takes it for no sound at all, and its utterance for one that nobody can make out.
   */
  hear(chunk: StoredChunk, options?: { readonly skip: boolean }): AsyncGenerator<Effect, void>;
  /** As another process needs it. Undefined before the first chunk. */
  state(): HearingState | undefined;
  close(): void;
}

/** Sound before an onset that is listened to as well: the first consonant is weaker than what tells of it. */
export const BEFORE_ONSET_MS = 300;

/**
 * Goes on from a state, or begins: from the first chunk that is heard. `utterances`: those that had begun before, where
 * that is not the first of the call.
 */
export function listening(
  ref: CallRef,
  { vad, engines, audio, limits }: Listeners,
  from: HearingState | undefined,
  utterances = 0,
): Listening {
  let state = from;
  let ear: Ear | undefined;

  const earFor = (open: OpenUtterance, rate: HearingState['intake']['rate']): Ear =>
    (ear ??= openEar({
      engines,
      rate,
      locale: open.locale,
      model: open.model,
      saved: open.saved,
      replay: replayed,
      ...(limits && { limits }),
    }));
  /** What the open utterance was given, up to the last chunk. */
  const replayed = async (): Promise<readonly Int16Array[] | undefined> => {
    if (!state?.open) return undefined;
    const { open, position: through } = state;
    const chunks = await audio.between(ref, open.since.position, through);
    const isThere = chunks.length > 0 ? chunks[0]?.previous === open.since.position : through === open.since.position;
    if (!isThere) return undefined;
    const pieces = [open.first];
    let { intake } = open.since;
    for (const chunk of chunks) {
      const taken = takeIn(intake, chunk);
      intake = taken.intake;
      pieces.push(taken.sound);
    }
    return pieces;
  };
  const drop = () => {
    ear?.close();
    ear = undefined;
  };

  return {
    state: () => state && (state.open ? { ...state, open: { ...state.open, ...ear?.kept() } } : state),
    close: drop,

    async *hear(chunk, { skip } = { skip: false }) {
      const before = state ?? initial(chunk, utterances);
      const { patience, playing } = chunk;
      const { intake, sound } = takeIn(before.intake, skip ? { ...chunk, sound: new Uint8Array() } : chunk);
      const { rate } = intake;
      const window = windowOf(rate);
      const all = joined(before.tail, sound);
      const msAt = (sample: number) => Math.max(0, Math.round(intake.endMs - ((all.length - sample) * 1_000) / rate));
      let { endpointing, vad: vadState, utterances: begun } = before;
      let open = before.open && skip ? { ...before.open, unheard: 'failed' as const } : before.open;
      let seen = before.tail.length - before.unseen;
      /** Up to where the open utterance was listened to, and where the newest one began in this chunk. */
      let fed = before.tail.length;
      let first: number | undefined;
      /** What belongs to an utterance that is over is not heard again. */
      let free = 0;

      const listen = async (through: number) => {
        if (!open || open.unheard || through === fed) return;
        const piece = all.slice(fed, through);
        fed = through;
        try {
          open = { ...open, text: await earFor(open, rate).hear(piece) };
        } catch (error) {
          open = { ...open, unheard: reasonOf(error) };
          drop();
        }
      };
      const finish = async (over: OpenUtterance, end: SpeechEnd): Promise<Effect> => {
        const { number: utterance, locale, fromMs, toMs } = over;
        const told = { utterance, locale, fromMs, toMs };
        const made = over.unheard ?? (await earFor(over, rate).finish().catch(reasonOf));
        drop();
        open = undefined;
        return typeof made === 'string'
          ? { ...told, kind: 'not-transcribed', reason: made }
          : { ...told, kind: 'transcribed', end, made };
      };

      while (seen + window <= all.length) {
        const step = await vad.step(vadState, all.slice(seen, seen + window), rate);
        vadState = step.state;
        seen += window;
        const words = !open || open.text !== '' || open.unheard !== undefined || !earFor(open, rate).tells();
        const next = endpoint(endpointing, step.probability, { patience, playing, words });
        endpointing = next.state;
        if (open && step.probability >= SPEAKING_FROM) open = { ...open, toMs: msAt(seen) };
        switch (next.happened) {
          case undefined:
            break;
          case 'begun': {
            const onset = seen - endpointing.length * window;
            fed = Math.max(free, onset - (BEFORE_ONSET_MS * rate) / 1_000, 0);
            first = fed;
            open = {
              number: ++begun,
              locale: chunk.locale,
              fromMs: msAt(Math.max(onset, 0)),
              toMs: msAt(seen),
              text: '',
              first: all,
              since: { position: chunk.position, intake },
            };
            yield { kind: 'started', utterance: begun, fromMs: open.fromMs };
            break;
          }
          case 'silence':
          case 'no-words':
          case 'too-long':
            if (!open) break;
            await listen(seen);
            yield await finish(open, next.happened);
            free = seen;
            first = undefined;
            break;
          default:
            next.happened satisfies never;
        }
      }
      const textBefore = open && open.number === before.open?.number ? before.open.text : '';
      await listen(all.length);
      if (open && first !== undefined) open = { ...open, first: all.slice(first) };
      if (open && open.text !== textBefore) yield { kind: 'partial', utterance: open.number, text: open.text };
      if (open && chunk.last) {
        yield await finish(open, 'hung-up');
        endpointing = SILENCE;
        seen = all.length;
        free = seen;
      }
      const keep = open ? seen : Math.max(free, seen - ((BEFORE_ONSET_MS + ONSET_MS) * rate) / 1_000, 0);
      state = {
        number: chunk.number,
        position: chunk.position,
        intake,
        vad: vadState,
        tail: all.slice(keep),
        unseen: all.length - seen,
        endpointing,
        utterances: begun,
        open,
      };
      ear?.settle();
    },
  };
}

/** An onset takes no longer than this to be told from a noise. */
const ONSET_MS = 4 * WINDOW_MS;

const reasonOf = (error: unknown): Unheard => {
  if (error instanceof UnheardError) return error.reason;
  throw error;
};

function initial(chunk: StoredChunk, utterances: number): HearingState {
  const intake = initialIntake(chunk);
  return {
    number: 0,
    position: 0,
    intake,
    vad: initialVad(intake.rate),
    tail: new Int16Array(0),
    unseen: 0,
    endpointing: SILENCE,
    utterances: chunk.number === 1 ? 0 : utterances,
  };
}
