import { setTimeout as delay } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { fromLinear } from '../../../shared/speech/codecs.ts';

const FRAME_MS = 20;
const FRAME_BYTES = 160;
const NUMBER_BYTES = 4;
/** How soon a client comes back whose socket was lost, and how often it tries. */
const BACK_MS = 100;
const AGAIN_MS = 250;
/** What is said by a socket that was closed by nobody. */
const BROKEN = 1_006;
const LOCALE = 'en';

/** Where callers call: one of several processes, and as whom. */
export interface Lines {
  /** The address of each process that takes calls, `ws://…`. */
  readonly urls: readonly string[];
  readonly key: string;
}

/** Somebody on a telephone, or in a browser, who speaks in real time and calls again when the line breaks. */
export interface Caller {
  /** What the caller's side of the call sounds like, mu-law. */
  readonly sound: Uint8Array;
  /** Whether a broken line goes on where it was: a browser's does, a telephone's begins a new call. */
  readonly resumes: boolean;
  /** When the first of it was spoken, in milliseconds since 1970. */
  readonly beganAt: number;
  /** How often the line broke. */
  readonly broken: number;
  /** When what was played to the caller was stopped, in milliseconds since the call began. */
  readonly silencedAt: readonly number[];
  /** Resolves when everything was said and the call is over. */
  readonly over: Promise<void>;
}

/** A line of one caller: what goes over it when it opens, and then for each frame. */
interface Manner {
  readonly path: string;
  readonly subprotocol?: string;
  readonly resumes: boolean;
  /** Resolves to the number of the frame to go on from, once the line is taken. */
  begin(socket: WebSocket, firstDue: number): Promise<number>;
  frame(number: number): string | Uint8Array;
  readonly stop: string;
  /** Whether this says that the call is over. */
  isEnd(text: string): boolean;
  /** Whether this says that nothing more is to be played. */
  isSilencing(text: string): boolean;
}

/** A client of our own protocol, after docs/voice-protocol.md. */
function browser(user: string, sound: Uint8Array): Manner {
  let stream = '';
  /** What the server has promised to have: a client may forget it. */
  let forgotten = 0;
  return {
    path: 'turnstream',
    subprotocol: 'voice.turnstream',
    resumes: true,
    begin: (socket) =>
      new Promise((resolve) => {
        const resume = stream !== '' && { resume: { stream, lastSeq: 0 } };
        const format = { codec: 'mulaw', rate: 8_000 };
        socket.on('message', (data: Buffer, isBinary) => {
          const said = isBinary ? {} : (JSON.parse(data.toString()) as Record<string, unknown>);
          if (said['type'] === 'have') forgotten = Number(said['lastSeq']);
          if (said['type'] !== 'opened') return;
          stream = String(said['stream']);
          resolve(Math.max(forgotten, Number(said['lastSeq'])));
        });
        socket.send(JSON.stringify({ type: 'open', format, parameters: { user, locale: LOCALE }, ...resume }));
      }),
    frame(number) {
      const bytes = Buffer.alloc(NUMBER_BYTES + FRAME_BYTES);
      bytes.writeUInt32BE(number + 1);
      bytes.set(frameOf(sound, number), NUMBER_BYTES);
      return bytes;
    },
    stop: JSON.stringify({ type: 'stop' }),
    isEnd: (text) => text.includes('"type":"stop"'),
    isSilencing: (text) => text.includes('"type":"pause"'),
  };
}

/** Twilio's media streams: a socket that is lost ends the stream, and the number that is dialled again begins another. */
function telephone(user: string, sound: Uint8Array): Manner {
  let streams = 0;
  let first = 0;
  let streamSid = '';
  const say = (event: string, more: object) => JSON.stringify({ event, streamSid, ...more });
  return {
    path: 'twilio',
    resumes: false,
    begin(socket, firstDue) {
      streamSid = `MZ${user}-${++streams}`;
      first = firstDue;
      const mediaFormat = { encoding: 'audio/x-mulaw', sampleRate: 8000, channels: 1 };
      const start = {
        streamSid,
        callSid: `CA${user}`,
        tracks: ['inbound'],
        mediaFormat,
        customParameters: { user, locale: LOCALE },
      };
      socket.send(JSON.stringify({ event: 'connected', protocol: 'Call', version: '1.0.0' }));
      socket.send(say('start', { start, sequenceNumber: '1' }));
      return Promise.resolve(firstDue);
    },
    frame(number) {
      const chunk = number - first + 1;
      const payload = Buffer.from(frameOf(sound, number)).toString('base64');
      const media = { track: 'inbound', chunk: String(chunk), timestamp: String((chunk - 1) * FRAME_MS), payload };
      return say('media', { media, sequenceNumber: String(chunk + 1) });
    },
    stop: say('stop', { stop: {} }),
    isEnd: () => false,
    isSilencing: (text) => text.includes('"event":"clear"'),
  };
}

const frameOf = (sound: Uint8Array, number: number): Uint8Array =>
  sound.subarray(number * FRAME_BYTES, (number + 1) * FRAME_BYTES);

/** Begins a call. Its sound passes by the clock, whatever becomes of the line. */
export function startCaller(
  kind: 'browser' | 'telephone',
  user: string,
  samples: Int16Array,
  lines: Lines,
  serial: number,
): Caller {
  const whole = samples.length - (samples.length % FRAME_BYTES);
  const sound = fromLinear(samples.subarray(0, whole), 'mulaw');
  const frames = sound.length / FRAME_BYTES;
  const manner = kind === 'browser' ? browser(user, sound) : telephone(user, sound);
  const began = performance.now();
  const beganAt = Date.now();
  const due = () => Math.min(frames, Math.floor((performance.now() - began) / FRAME_MS));
  let broken = 0;
  const silencedAt: number[] = [];

  /** One line, until it breaks or the call is over. */
  const line = (url: string): Promise<'over' | 'broken'> =>
    new Promise((resolve) => {
      const headers = { authorization: `Bearer ${lines.key}` };
      const socket = new WebSocket(`${url}/v1/voice/${manner.path}`, manner.subprotocol ?? [], { headers });
      let sent: number | undefined;
      let stopped = false;
      let ended = false;
      const timer = setInterval(() => {
        if (sent === undefined || stopped || socket.readyState !== WebSocket.OPEN) return;
        for (const until = due(); sent < until; sent++) socket.send(manner.frame(sent));
        stopped = sent === frames;
        if (stopped) socket.send(manner.stop);
      }, FRAME_MS);
      socket.on('open', () => {
        void manner.begin(socket, due()).then((from) => (sent = from));
      });
      socket.on('message', (data: Buffer, isBinary) => {
        if (isBinary) return;
        const text = data.toString();
        ended ||= manner.isEnd(text);
        if (manner.isSilencing(text)) silencedAt.push(performance.now() - began);
      });
      socket.on('error', () => undefined);
      socket.on('close', (code) => {
        clearInterval(timer);
        resolve(ended || (stopped && code !== BROKEN) ? 'over' : 'broken');
      });
    });
  const over = (async () => {
    for (let attempt = serial; ; attempt++) {
      const url = lines.urls[attempt % lines.urls.length] ?? '';
      const before = performance.now();
      if ((await line(url)) === 'over') return;
      broken++;
      // Nobody is there to hear the end of a telephone's call.
      if (!manner.resumes && due() === frames) return;
      await delay(performance.now() - before < AGAIN_MS ? AGAIN_MS : BACK_MS);
    }
  })();
  return {
    sound,
    resumes: manner.resumes,
    beganAt,
    silencedAt,
    over,
    get broken() {
      return broken;
    },
  };
}
