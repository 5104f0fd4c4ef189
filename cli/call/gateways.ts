import { fromLinear, toLinear } from '../../shared/speech/codecs.ts';
import type { CallerLine, LineListener } from './line.ts';

// A little of what two gateways say, enough to try a platform as one of them.

const RATE = 8_000;
const STREAM = 'MZ00000000000000000000000000000001';

/** What a gateway's socket is told, and how it takes what it is told. */
interface Dialect {
  readonly subprotocol?: string;
  introduce(): string;
  media(sound: Uint8Array): string | Uint8Array;
  digit(digit: string): string;
  mark(name: string): string;
  /** Whether marks that were cleared are reported. */
  readonly reportsCleared: boolean;
  stop(): string | undefined;
  /** One message in text. */
  take(text: string, on: LineListener): void;
}

/** Twilio's Media Streams: JSON with mu-law in base64, counters as text. */
export const twilioLine = (url: () => Promise<string>, on: LineListener): CallerLine => connected(twilio(), url, on);

/** Asterisk's chan_websocket: mu-law in binary frames, JSON beside them. */
export const asteriskLine = (url: () => Promise<string>, on: LineListener): CallerLine => connected(asterisk, url, on);

function twilio(): Dialect {
  let sequence = 0;
  let chunk = 0;
  const say = (event: string, body: object) =>
    JSON.stringify({ event, sequenceNumber: String((sequence += 1)), ...body, streamSid: STREAM });
  return {
    reportsCleared: true,
    introduce: () =>
      say('start', {
        start: {
          accountSid: 'AC00000000000000000000000000000001',
          callSid: 'CA00000000000000000000000000000001',
          streamSid: STREAM,
          tracks: ['inbound'],
          mediaFormat: { encoding: 'audio/x-mulaw', sampleRate: RATE, channels: 1 },
          customParameters: {},
        },
      }),
    media(sound) {
      chunk += 1;
      const payload = Buffer.from(sound).toString('base64');
      return say('media', {
        media: { track: 'inbound', chunk: String(chunk), timestamp: String((chunk - 1) * 20), payload },
      });
    },
    digit: (digit) => say('dtmf', { dtmf: { track: 'inbound_track', digit } }),
    mark: (name) => say('mark', { mark: { name } }),
    stop: () => say('stop', { stop: {} }),
    take(text, on) {
      const { event, media, mark } = JSON.parse(text) as {
        readonly event?: string;
        readonly media?: { readonly payload: string };
        readonly mark?: { readonly name: string };
      };
      if (media) on.sound(toLinear(Buffer.from(media.payload, 'base64'), 'mulaw'));
      else if (mark) on.mark(mark.name);
      else if (event === 'clear') on.clear();
    },
  };
}

const asterisk: Dialect = {
  subprotocol: 'media',
  reportsCleared: false,
  introduce: () =>
    JSON.stringify({
      event: 'MEDIA_START',
      connection_id: 'turnstream-call',
      channel: 'WebSocket/turnstream/0x1',
      channel_id: '1700000000.1',
      format: 'ulaw',
      optimal_frame_size: 160,
      ptime: 20,
      channel_variables: {},
    }),
  media: (sound) => sound,
  digit: (digit) => JSON.stringify({ event: 'DTMF_END', digit }),
  mark: (name) => JSON.stringify({ event: 'MEDIA_MARK_PROCESSED', correlation_id: name }),
  // A channel that is gone says nothing: its socket closes.
  stop: () => undefined,
  take(text, on) {
    const { command, correlation_id: mark } = JSON.parse(text) as {
      readonly command?: string;
      readonly correlation_id?: string;
    };
    if (command === 'MARK_MEDIA') on.mark(mark ?? '');
    else if (command === 'FLUSH_MEDIA') on.clear();
    else if (command === 'PAUSE_MEDIA') on.pause();
    else if (command === 'CONTINUE_MEDIA') on.resume();
  },
};

function connected(dialect: Dialect, url: () => Promise<string>, on: LineListener): CallerLine {
  let socket: WebSocket | undefined;
  let isOver = false;
  const end = (reason: 'stopped' | 'refused' | 'lost') => {
    if (isOver) return;
    isOver = true;
    socket?.close();
    on.ended(reason);
  };
  const send = (out: string | Uint8Array | undefined) => {
    if (out !== undefined && socket?.readyState === WebSocket.OPEN) socket.send(out);
  };
  const open = async () => {
    let isOpen = false;
    const mine = new WebSocket(await url(), dialect.subprotocol ?? []);
    socket = mine;
    mine.binaryType = 'arraybuffer';
    mine.addEventListener('open', () => {
      isOpen = true;
      send(dialect.introduce());
      on.opened(false);
    });
    mine.addEventListener('message', ({ data }: { readonly data: string | ArrayBuffer }) => {
      if (isOver) return;
      if (typeof data === 'string') dialect.take(data, on);
      else on.sound(toLinear(new Uint8Array(data), 'mulaw'));
    });
    // For a gateway the end of the socket is the end of the call.
    mine.addEventListener('close', () => {
      end(isOpen ? 'stopped' : 'refused');
    });
    mine.addEventListener('error', () => undefined);
  };
  open().catch(() => {
    end('refused');
  });
  return {
    rate: RATE,
    send: (samples) => {
      send(dialect.media(fromLinear(samples, 'mulaw')));
    },
    press: (digit) => {
      send(dialect.digit(digit));
    },
    reached: (mark) => {
      send(dialect.mark(mark));
    },
    cleared(marks) {
      if (dialect.reportsCleared) for (const name of marks) send(dialect.mark(name));
    },
    hangUp() {
      send(dialect.stop());
      end('stopped');
    },
  };
}
