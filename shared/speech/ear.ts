import { PlatformError } from '../errors/index.ts';
import type { Engine, Recognition, Transcript } from './engine.ts';
import type { Engines } from './engines.ts';
import { initialResampling, resample, type Resampling } from './rate.ts';
import type { Rate } from './vad.ts';

/** Why nobody could make out an utterance. */
export type Unheard = 'timed-out' | 'failed' | 'audio-missing';

/** A transcript, and who made it out. */
export interface Made extends Transcript {
  readonly model: string;
}

/** Listens to one utterance: with the first engine that can, and from its beginning with the next one where it fails. */
export interface Ear {
  /** The words so far. Fails with `UnheardError`. */
  hear(piece: Int16Array): Promise<string>;
  /** What was said. Fails with `UnheardError`. */
  finish(): Promise<Made>;
  /** Everything up to here can be had by `replay` from now on. */
  settle(): void;
  /** What another process needs to go on from here. */
  readonly kept: () => { readonly model?: string | undefined; readonly saved?: Uint8Array | undefined };
  /** Whether an empty text means that nothing was made out. */
  readonly tells: () => boolean;
  close(): void;
}

/** No engine is left. */
export class UnheardError extends Error {
  readonly reason: Unheard;
  constructor(reason: Unheard) {
    super(`nobody could make out the utterance: ${reason}`);
    this.reason = reason;
  }
}

/** How the utterance begins, or how it was left. */
export interface EarOptions {
  readonly engines: Engines;
  readonly locale: string;
  /** Samples a second of what it hears. */
  readonly rate: Rate;
  readonly model?: string | undefined;
  readonly saved?: Uint8Array | undefined;
  /** The pieces up to what was settled last; undefined where they are gone. */
  readonly replay: () => Promise<readonly Int16Array[] | undefined>;
  readonly limits?: Limits;
}

/** Time limits of one call of an engine, milliseconds. */
export interface Limits {
  readonly hearMs: number;
  readonly finishMs: number;
}

const LIMITS: Limits = { hearMs: 2_000, finishMs: 10_000 };

interface Current {
  readonly engine: Engine;
  readonly recognition: Recognition;
  resampling: Resampling | undefined;
}

export function openEar(options: EarOptions): Ear {
  const { engines, locale, rate, replay, limits = LIMITS } = options;
  const tried = new Set<Engine>();
  let current: Current | undefined;
  let why: Unheard = 'failed';
  let isNew = options.model === undefined;
  /** What was heard since the last time that it was settled. */
  let recent: Int16Array[] = [];

  const next = (): Engine => {
    const left = engines.of(locale).filter((engine) => !tried.has(engine));
    const before = options.model === undefined ? undefined : engines.named(options.model);
    const engine = before && !tried.has(before) ? before : left[0];
    if (!engine) throw new UnheardError(why);
    return engine;
  };
  const give = async (to: Current, piece: Int16Array): Promise<string> => {
    const wanted = to.engine.capabilities.rate;
    if (wanted === rate) return limited(limits.hearMs, (signal) => to.recognition.hear(piece, signal));
    const { state, sound } = resample(to.resampling ?? initialResampling(rate), piece, wanted);
    to.resampling = state;
    return limited(limits.hearMs, (signal) => to.recognition.hear(sound, signal));
  };
  const start = async (engine: Engine): Promise<Current> => {
    const goesOn = options.saved !== undefined && engine.capabilities.model === options.model && tried.size === 0;
    const travels = goesOn && engine.capabilities.rate === rate;
    const saved = travels ? options.saved : undefined;
    const begun: Current = {
      engine,
      recognition: await limited(limits.finishMs, () => engine.begin({ locale, saved })),
      resampling: undefined,
    };
    current = begun;
    if (isNew || saved) return begun;
    const pieces = await replay();
    if (!pieces) throw new UnheardError('audio-missing');
    for (const piece of pieces) await give(begun, piece);
    return begun;
  };
  const drop = () => {
    current?.recognition.close();
    current = undefined;
  };
  /** With whichever engine can. */
  const attempt = async <T>(pieces: () => readonly Int16Array[], run: (with_: Current) => Promise<T>): Promise<T> => {
    for (;;) {
      const engine = current?.engine ?? next();
      try {
        if (!current) {
          const begun = await start(engine);
          for (const piece of pieces()) await give(begun, piece);
        }
        return await run(current as unknown as Current);
      } catch (error) {
        drop();
        if (error instanceof UnheardError) throw error;
        why = error instanceof PlatformError && error.code === 'asr.timed-out' ? 'timed-out' : 'failed';
        engines.failed(engine);
        tried.add(engine);
      }
    }
  };

  return {
    async hear(piece) {
      const text = await attempt(
        () => recent,
        (to) => give(to, piece),
      );
      recent.push(piece);
      return text;
    },
    finish: () =>
      attempt(
        () => recent,
        async ({ engine, recognition }) => {
          const transcript = await limited(limits.finishMs, (signal) => recognition.finish(signal));
          engines.worked(engine);
          return { ...transcript, model: engine.capabilities.model };
        },
      ),
    settle() {
      recent = [];
      isNew = false;
    },
    kept: () =>
      current
        ? { model: current.engine.capabilities.model, saved: current.recognition.save() }
        : { model: options.model, saved: options.saved },
    tells: () => (current?.engine ?? engines.named(options.model ?? ''))?.capabilities.streaming ?? false,
    close: drop,
  };
}

function limited<T>(ms: number, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const abort = new AbortController();
  return new Promise<T>((resolve, reject) => {
    const timer = setTimeout(() => {
      abort.abort();
      reject(new PlatformError('asr.timed-out', 'an engine took too long', { retry: 'later' }));
    }, ms);
    run(abort.signal)
      .then(resolve, reject)
      .finally(() => {
        clearTimeout(timer);
      });
  });
}
