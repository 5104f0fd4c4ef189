import g711 from 'alawmulaw';
import { playout, type Heard } from './playout.ts';
import { connectTcp, connectWebSocket, type Connection, type Out } from './connection.ts';

// Scripted gateways share no code with functions/voice/lines: they are written from the vendors' documents.

/** What a gateway's side of a protocol has to say; bytes are in the codec of the call. */
export interface Protocol {
  readonly codec: 'mulaw' | 'alaw' | 'l16';
  readonly rate: number;
  /** What is played to the caller, where it differs. */
  readonly playsRate?: number;
  readonly subprotocols?: readonly string[];
  /** How many frames of 20 ms its queue holds; what comes then is lost. */
  readonly queueFrames?: number;
  introduce(): readonly Out[];
  media(sound: Uint8Array, number: number, atMs: number): readonly Out[];
  digit(digit: string): readonly Out[];
  stop(): readonly Out[];
  marked(name: string, wasCleared: boolean): readonly Out[];
  /** What we said. */
  take(frame: Out, queue: Queue): readonly Out[] | undefined;
  /** After the queue grew or shrank, in frames. */
  filled?(frames: number): readonly Out[];
}

/** What a protocol does with what is played to the caller. */
export interface Queue {
  play(sound: Uint8Array): void;
  mark(name: string): void;
  /** Gives back the marks that were dropped. */
  clear(): readonly string[];
  pause(): void;
  resume(): void;
  /** The gateway hangs up. */
  hangUp(): void;
}

/** One frame of control that went over the line, or the length of one with sound. */
export interface Spoken {
  /** Milliseconds of the call. */
  readonly atMs: number;
  readonly by: 'gateway' | 'server';
  readonly text?: string;
  readonly bytes?: number;
}

/** A telephone network with one caller, as a test writes it. */
export interface ScriptedGateway {
  /** `ws://…` or `tcp://…`. Resolves when the line is open and the gateway has introduced itself. */
  connect(url: string): Promise<void>;
  /** The caller says this; samples at the rate of the call. Resolves when the last of it was sent. */
  speak(samples: Int16Array): Promise<void>;
  /** So much silence, in milliseconds of the call. */
  wait(ms: number): Promise<void>;
  press(digits: string): void;
  hangUp(): void;
  /** The socket is gone, without a word. */
  vanish(): void;
  /** The stretches of sound that the caller heard; silence of 100 ms divides them. */
  heard(): readonly Heard[];
  /** Everything that was said on the line but the sound itself. */
  readonly story: readonly Spoken[];
  /** Milliseconds of the call. */
  readonly nowMs: number;
  /** How much sound waits to be heard, in milliseconds, at most so far. */
  readonly mostAheadMs: number;
  readonly isOpen: boolean;
}

/** How the call passes. */
export interface Script {
  /** How many times faster than a clock the call passes. */
  readonly speed?: number;
  /** What becomes of each frame of sound on its way: none lost, two doubled, others late. */
  readonly disturb?: (frames: readonly Out[], number: number) => readonly Out[];
}

const FRAME_MS = 20;

/** A gateway that speaks a protocol. */
export function scriptedGateway(
  protocol: Protocol,
  { speed = 1, disturb = (frames) => frames }: Script = {},
): ScriptedGateway {
  const { codec, rate } = protocol;
  const story: Spoken[] = [];
  const toSay: { readonly frames: Uint8Array[]; readonly done: () => void }[] = [];
  const frameSamples = (rate * FRAME_MS) / 1_000;
  const silent = encode(new Int16Array(frameSamples), codec);
  const speaker = playout(codec, protocol.playsRate ?? rate, protocol.queueFrames);
  let connection: Connection | undefined;
  let timer: NodeJS.Timeout | undefined;
  let frames = 0;
  let startedAt = 0;

  const send = (outs: readonly Out[] = [], isSound = false) => {
    for (const out of outs) {
      if (!isSound) note('gateway', out);
      connection?.send(out);
    }
  };
  const note = (by: Spoken['by'], out: Out) => {
    const what = typeof out === 'string' ? { text: out } : { bytes: out.length };
    story.push({ atMs: frames * FRAME_MS, by, ...what });
  };
  const end = () => {
    clearInterval(timer);
    for (const { done } of toSay.splice(0)) done();
  };
  const hangUp = () => {
    send(protocol.stop());
    connection?.close();
    end();
  };
  const queue: Queue = { ...speaker, hangUp };

  function tick(): void {
    const due = Math.floor(((performance.now() - startedAt) * speed) / FRAME_MS);
    while (frames < due && connection?.isOpen) {
      frames += 1;
      const [saying] = toSay;
      const frame = saying?.frames.shift() ?? silent;
      send(disturb(protocol.media(frame, frames, (frames - 1) * FRAME_MS), frames), true);
      if (saying?.frames.length === 0) {
        toSay.shift();
        saying.done();
      }
      for (const name of speaker.step(frames * FRAME_MS)) send(protocol.marked(name, false));
      send(protocol.filled?.(speaker.waitingFrames()));
    }
  }
  const say = (pieces: Uint8Array[]): Promise<void> =>
    connection?.isOpen && pieces.length > 0
      ? new Promise((done) => toSay.push({ frames: pieces, done }))
      : Promise.resolve();

  return {
    async connect(url) {
      const take = (frame: Out) => {
        note('server', frame);
        send(protocol.take(frame, queue));
        send(protocol.filled?.(speaker.waitingFrames()));
      };
      const { subprotocols = [] } = protocol;
      connection = await (url.startsWith('tcp:')
        ? connectTcp(url, take, end)
        : connectWebSocket(url, subprotocols, take, end));
      send(protocol.introduce());
      startedAt = performance.now() - (frames * FRAME_MS) / speed;
      timer = setInterval(tick, Math.max(1, FRAME_MS / speed));
    },
    speak(samples) {
      const count = Math.ceil(samples.length / frameSamples);
      return say(
        Array.from({ length: count }, (_, i) => {
          const frame = new Int16Array(frameSamples);
          frame.set(samples.subarray(i * frameSamples, (i + 1) * frameSamples));
          return encode(frame, codec);
        }),
      );
    },
    wait: (ms) => say(Array.from({ length: Math.ceil(ms / FRAME_MS) }, () => silent)),
    press(digits) {
      for (const digit of digits) send(protocol.digit(digit));
    },
    hangUp,
    vanish() {
      connection?.destroy();
      end();
    },
    heard: () => speaker.heard(),
    story,
    get nowMs() {
      return frames * FRAME_MS;
    },
    get mostAheadMs() {
      return speaker.mostFrames() * FRAME_MS;
    },
    get isOpen() {
      return connection?.isOpen ?? false;
    },
  };
}

function encode(samples: Int16Array, codec: Protocol['codec']): Uint8Array {
  if (codec !== 'l16') return g711[codec].encode(samples);
  const bytes = Buffer.alloc(samples.length * 2);
  samples.forEach((sample, i) => bytes.writeInt16LE(sample, i * 2));
  return bytes;
}
