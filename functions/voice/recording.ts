import { setTimeout as delay } from 'node:timers/promises';
import { PlatformError } from '../../shared/errors/index.ts';
import type { AudioLog } from '../../shared/speech/audio-log.ts';
import type { CallRef, Chunk, Format, Patience, Through } from '../../shared/speech/chunk.ts';
import { gathering, type Piece } from './gathering.ts';
import { silenceByte } from './lines/framing.ts';
import { bytesOf } from './lines/line.ts';
import { reorder } from './lines/reorder.ts';

/** Why sound cannot be kept any more. */
export type Unkept =
  /** The log was away for too long. */
  | 'behind'
  /** Somebody else writes to the call: it was taken for lost. */
  | 'taken-over'
  /** Sound came much faster than anybody speaks. */
  | 'too-fast';

/** What rides with the sound at this moment. */
export interface Accompanying {
  readonly patience: Patience;
  readonly locale: string;
  readonly playing: boolean;
}

/** Puts the sound of one call into the stream of audio. Times by a clock that never goes back, milliseconds. */
export interface Recording {
  /** A frame of the gateway's. Copied before this returns. */
  hear(sound: Uint8Array, sequence: number | undefined, nowMs: number): void;
  /** Where nothing comes, silence stands for it, so that whoever listens hears the caller stop. */
  tick(nowMs: number): void;
  /** A client is back that sends again what did not arrive: what was not heard meanwhile is no silence. */
  resumed(nowMs: number): void;
  /** The end: everything is kept, the last chunk says that it is. What it was prevented by, if it was. */
  end(): Promise<Unkept | undefined>;
  /** Sound so far. */
  readonly ms: number;
  /** The client's last frame that is here, and the last one that is kept: it may be forgotten. */
  readonly lastSequence: number;
  readonly keptSequence: number;
}

/** What another process has kept of a call. */
export interface Recorded {
  /** Its newest chunk. */
  readonly number: number;
  readonly position: number;
  /** Sound since the call began, in bytes. */
  readonly bytes: number;
  readonly through: Through;
}

export interface RecordingOptions {
  readonly audio: AudioLog;
  readonly ref: CallRef;
  readonly format: Format;
  readonly chunkMs: number;
  readonly accompanying: () => Accompanying;
  readonly startedMs: number;
  /** The client counts its frames, and sends those again that are not kept. */
  readonly resumable?: boolean;
  /** Goes on where another process ended. */
  readonly after?: Recorded;
  readonly onUnkept: (why: Unkept) => void;
  /** A frame was wrong in a way that is worth counting. */
  readonly onFlaw?: (kind: string) => void;
}

/** Sound that waits for the log: longer than this, and the call is given up. */
const BEHIND_MS = 30_000;
/** So much more than time has passed may come at once: what a client kept while its socket was lost. */
const AHEAD_MS = 15_000;
/** Gateways send every 20 to 100 ms. After so long without sound there is silence. */
const QUIET_MS = 500;
const AGAIN_MS = 200;

/** Chunks are linked: each one is stored before the next is sent. */
export function recording(options: RecordingOptions): Recording {
  const { audio, ref, format, chunkMs, accompanying, after, onUnkept, onFlaw = () => undefined } = options;
  const frames = reorder(format, after?.through.frame);
  const gathered = gathering(format, chunkMs, after?.bytes);
  const waiting: Chunk[] = [];
  let number = after?.number ?? 0;
  let previous = after?.position ?? 0;
  let keptSequence = after?.through.frame ?? 0;
  let heardAt = options.startedMs;
  let silentTo = options.startedMs;
  let keeping: Promise<void> | undefined;
  let over = false;
  /** What comes is not taken any more; what came is kept. */
  let deaf = false;
  let endBy = Infinity;
  let unkept: Unkept | undefined;

  const give = ({ fromMs, sound }: Omit<Piece, 'toByte'>, through: Through, last = false) => {
    const place = options.resumable && { through };
    waiting.push({ fromMs, sound, number: ++number, format, ...accompanying(), last, ...place });
    if (waiting.length * chunkMs > BEHIND_MS) giveUp('behind');
    keeping ??= keep().finally(() => {
      keeping = undefined;
    });
  };
  /** Nothing more can be kept. */
  const giveUp = (why: Unkept) => {
    waiting.length = 0;
    unkept ??= why;
    if (over) return;
    over = true;
    onUnkept(why);
  };
  const keep = async () => {
    for (let chunk = waiting[0]; chunk; chunk = waiting[0]) {
      const kept = await audio.append(ref, chunk, previous).catch(whetherLater);
      if (kept === 'never' || (kept === 'later' && performance.now() > endBy)) giveUp('behind');
      else if (kept === 'later') await delay(AGAIN_MS);
      else if (kept.kind === 'refused') giveUp('taken-over');
      else {
        previous = kept.position;
        keptSequence = chunk.through?.frame ?? 0;
        waiting.shift();
      }
    }
  };
  /** Frames that are here as a whole. */
  const whole = (frame: number): Through => ({ frame, bytes: 0 });
  const gather = (sound: Uint8Array, frame: number) => {
    // The beginning of the first frame may be kept already.
    const known = after && frame === after.through.frame + 1 ? after.through.bytes : 0;
    const begun = gathered.bytes - known;
    for (const piece of gathered.add(sound.subarray(known))) {
      const bytes = piece.toByte - begun;
      give(piece, bytes < sound.length ? { frame: frame - 1, bytes } : whole(frame));
    }
  };

  return {
    hear(sound, sequence, nowMs) {
      if (over || deaf) return;
      heardAt = nowMs;
      silentTo = nowMs;
      const { sound: ordered, flaws } = frames.take(sound, sequence);
      for (const { kind } of flaws) onFlaw(kind);
      const before = frames.lastSequence - ordered.length;
      for (const [i, piece] of ordered.entries()) gather(piece, before + 1 + i);
      if (gathered.ms - (nowMs - options.startedMs) <= AHEAD_MS) return;
      deaf = true;
      onUnkept('too-fast');
    },
    tick(nowMs) {
      if (over || nowMs - heardAt < QUIET_MS) return;
      const ms = Math.floor((nowMs - silentTo) / chunkMs) * chunkMs;
      if (ms === 0) return;
      silentTo += ms;
      const silence = new Uint8Array(bytesOf(format, ms)).fill(silenceByte(format));
      for (const piece of gathered.add(silence)) give(piece, whole(frames.lastSequence));
    },
    resumed(nowMs) {
      heardAt = nowMs;
      silentTo = nowMs;
    },
    async end() {
      if (over) return unkept;
      const left = frames.rest().sound.flatMap((piece) => gathered.add(piece));
      for (const piece of left) give(piece, whole(frames.lastSequence));
      const rest = gathered.rest();
      give(rest ?? { fromMs: gathered.ms, sound: new Uint8Array() }, whole(frames.lastSequence), true);
      over = true;
      endBy = performance.now() + BEHIND_MS;
      await keeping;
      return unkept;
    },
    get ms() {
      return gathered.ms;
    },
    get lastSequence() {
      return frames.lastSequence;
    },
    get keptSequence() {
      return keptSequence;
    },
  };
}

/** The session was erased, or the log cannot take this: no time mends that. */
const whetherLater = (error: unknown): 'later' | 'never' =>
  error instanceof PlatformError && error.retry === 'never' ? 'never' : 'later';
