import g711 from 'alawmulaw';

/** A stretch of sound that the caller heard. */
export interface Heard {
  /** Milliseconds of the call. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly samples: Int16Array;
}

/** A gateway's queue of what is to be played to the caller, with its clock: one frame of 20 ms at each step. */
export interface Playout {
  play(sound: Uint8Array): void;
  mark(name: string): void;
  clear(): readonly string[];
  pause(): void;
  resume(): void;
  /** 20 ms pass, up to this time of the call. Gives back the marks that were reached. */
  step(untilMs: number): readonly string[];
  waitingFrames(): number;
  mostFrames(): number;
  heard(): readonly Heard[];
}

const FRAME_MS = 20;
const DIVIDES_MS = 100;

type Item = { readonly sound: Uint8Array } | { readonly mark: string };

/** An empty queue; `limit` frames fit into it. */
export function playout(codec: 'mulaw' | 'alaw' | 'l16', rate: number, limit = Infinity): Playout {
  const frameBytes = ((rate * FRAME_MS) / 1_000) * (codec === 'l16' ? 2 : 1);
  const frames: { readonly atMs: number; readonly sound: Uint8Array }[] = [];
  let items: Item[] = [];
  let isPaused = false;
  let most = 0;

  const waitingBytes = () => items.reduce((sum, item) => sum + ('sound' in item ? item.sound.length : 0), 0);
  const reached = (): readonly string[] => {
    const until = items.findIndex((item) => 'sound' in item);
    const passed = items.splice(0, until < 0 ? items.length : until);
    return passed.flatMap((item) => ('mark' in item ? [item.mark] : []));
  };

  return {
    play(sound) {
      const room = limit * frameBytes - waitingBytes();
      if (sound.length > 0 && room > 0) items.push({ sound: sound.slice(0, room) });
      most = Math.max(most, waitingBytes() / frameBytes);
    },
    mark: (name) => {
      items.push({ mark: name });
    },
    clear() {
      const marks = items.flatMap((item) => ('mark' in item ? [item.mark] : []));
      items = [];
      isPaused = false;
      return marks;
    },
    pause: () => {
      isPaused = true;
    },
    resume: () => {
      isPaused = false;
    },
    step(untilMs) {
      if (isPaused) return [];
      const marks = [...reached()];
      const taken: Uint8Array[] = [];
      let wanted = frameBytes;
      while (wanted > 0) {
        const [item] = items;
        if (!item) break;
        if ('mark' in item) {
          marks.push(...reached());
          continue;
        }
        taken.push(item.sound.subarray(0, wanted));
        if (item.sound.length > wanted) items[0] = { sound: item.sound.subarray(wanted) };
        else items.shift();
        wanted -= taken.at(-1)?.length ?? wanted;
      }
      if (taken.length > 0) frames.push({ atMs: untilMs - FRAME_MS, sound: Buffer.concat(taken) });
      return marks;
    },
    waitingFrames: () => waitingBytes() / frameBytes,
    mostFrames: () => most,
    heard: () => stretches(frames).map((of) => asHeard(of, codec)),
  };
}

type Frame = { readonly atMs: number; readonly sound: Uint8Array };

const stretches = (frames: readonly Frame[]): readonly (readonly Frame[])[] =>
  frames.reduce<Frame[][]>((all, frame) => {
    const last = all.at(-1);
    const before = last?.at(-1);
    if (last && before && frame.atMs - before.atMs - FRAME_MS < DIVIDES_MS) last.push(frame);
    else all.push([frame]);
    return all;
  }, []);

function asHeard(frames: readonly Frame[], codec: 'mulaw' | 'alaw' | 'l16'): Heard {
  const sound = Buffer.concat(frames.map((frame) => frame.sound));
  return {
    fromMs: frames[0]?.atMs ?? 0,
    toMs: (frames.at(-1)?.atMs ?? 0) + FRAME_MS,
    samples:
      codec === 'l16'
        ? Int16Array.from({ length: sound.length / 2 }, (_, i) => sound.readInt16LE(i * 2))
        : g711[codec].decode(sound),
  };
}
