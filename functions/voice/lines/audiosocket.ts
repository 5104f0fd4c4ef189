import type { Format } from '../../../shared/speech/chunk.ts';
import { framing, pieces } from './framing.ts';
import { bytesOf, type Line, type LineEvent } from './line.ts';
import { malformed, speak } from './speak.ts';

const HEADER_BYTES = 3;
/** What left cannot be taken back; with less, a tick that is late by a frame is heard as a gap. */
const AHEAD_MS = 60;
/** More than 100 ms at 48 kHz: Asterisk sends 20 ms at once. */
const MAX_PAYLOAD_BYTES = 16 * 1024;
const HANG_UP = 0x00;
const ID = 0x01;
const DTMF = 0x03;
const FAILED = 0xff;
/** Types of frames with linear sound, by their rate. */
const SOUND: Readonly<Record<number, number>> = {
  8_000: 0x10,
  12_000: 0x11,
  16_000: 0x12,
  24_000: 0x13,
  32_000: 0x14,
  44_100: 0x15,
  48_000: 0x16,
};
const SOUNDS: ReadonlySet<number> = new Set([...Object.values(SOUND), 0x17, 0x18]);

/**
 * A line to Asterisk's AudioSocket, over TCP: `hear` takes the bytes however they were cut. It keeps no queue that we
 * could clear and never says when something was heard, so the clock is ours: a frame every 20 ms. The rate is that
 * of the channel, 8,000 unless its dialplan says otherwise.
 */
export function audioSocketLine(rate: 8_000 | 12_000 | 16_000 | 24_000 | 32_000 | 44_100 | 48_000 = 8_000): Line {
  const format: Format = { codec: 'l16', rate };
  const frameBytes = bytesOf(format, 20);
  const framed = framing(format, frameBytes);
  // At most a header and what it may announce.
  let waiting: Uint8Array = new Uint8Array();

  function meaning(type: number, payload: Uint8Array): LineEvent {
    if (type === SOUND[rate]) return { kind: 'media', sound: payload };
    if (SOUNDS.has(type)) return malformed('codec', true);
    switch (type) {
      case HANG_UP:
        return { kind: 'stopped', reason: 'hung-up' };
      case FAILED:
        return { kind: 'stopped', reason: 'failed' };
      case ID:
        return payload.length === 16 ? started(format, frameBytes, uuid(payload)) : malformed('shape', true);
      case DTMF:
        return dtmf(payload);
      default:
        return malformed('unknown-event');
    }
  }
  const message = (type: number, payload: Uint8Array): Uint8Array => {
    const bytes = new Uint8Array(HEADER_BYTES + payload.length);
    bytes.set([type, payload.length >> 8, payload.length & 0xff]);
    bytes.set(payload, HEADER_BYTES);
    return bytes;
  };
  const sound = (whole: Uint8Array) => pieces(whole, frameBytes).map((frame) => message(SOUND[rate] ?? 0x10, frame));

  return speak({
    hear(bytes) {
      if (typeof bytes === 'string') return [malformed('wrong-kind', true)];
      const all = waiting.length === 0 ? bytes : Buffer.concat([waiting, bytes]);
      const events: LineEvent[] = [];
      let at = 0;
      for (;;) {
        const [type, high, low] = all.subarray(at, at + HEADER_BYTES);
        if (type === undefined || high === undefined || low === undefined) break;
        const length = (high << 8) + low;
        if (length > MAX_PAYLOAD_BYTES) return [...events, malformed('too-large', true)];
        const end = at + HEADER_BYTES + length;
        if (end > all.length) break;
        events.push(meaning(type, all.subarray(at + HEADER_BYTES, end)));
        at = end;
      }
      waiting = new Uint8Array(all.subarray(at));
      return events;
    },
    play: (played) => sound(framed.whole(played)),
    mark: () => sound(framed.rest()),
    clear() {
      framed.drop();
      return [];
    },
    hangUp: () => [message(HANG_UP, new Uint8Array())],
  });
}

const started = (format: Format, frameBytes: number, callId: string): LineEvent => ({
  kind: 'started',
  gateway: 'audiosocket',
  format,
  facts: {
    plays: format,
    frameBytes,
    paced: true,
    marks: false,
    clears: false,
    marksOnClear: false,
    pauses: false,
    transfers: 'by-closing',
    maxMessageBytes: HEADER_BYTES + frameBytes,
    maxAheadMs: AHEAD_MS,
  },
  callId,
  parameters: {},
});

function dtmf(payload: Uint8Array): LineEvent {
  const digit = payload.length === 1 ? String.fromCharCode(...payload).toUpperCase() : '';
  return /^[\d*#A-D]$/u.test(digit) ? { kind: 'dtmf', digit } : malformed('shape');
}

const uuid = (bytes: Uint8Array): string =>
  Buffer.from(bytes)
    .toString('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/u, '$1-$2-$3-$4-$5');
