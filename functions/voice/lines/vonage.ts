import * as v from 'valibot';
import { framing, pieces, type Framing } from './framing.ts';
import { bytesOf, type Frame, type Line, type LineEvent } from './line.ts';
import { digit, label, readFormat, readObject, readParameters, understand } from './read.ts';
import { malformed, speak } from './speak.ts';

/** It keeps 3,072 messages of 20 ms. */
const MAX_AHEAD_MS = 50_000;

const Connected = v.object({ 'content-type': v.string() });
const Dtmf = v.object({ digit });
const Notify = v.object({ payload: v.object({ mark: label }) });
const CONTENT_TYPE = /^audio\/l16; ?rate=(\d{4,5})$/u;

/** A line to Vonage: linear sound in binary frames of exactly 20 ms, control in JSON. */
export function vonageLine(query: Readonly<Record<string, string>> = {}): Line {
  let framed: Framing | undefined;

  function connected(message: v.InferOutput<typeof Connected>, all: Readonly<Record<string, unknown>>): LineEvent {
    const format = readFormat('l16', Number(CONTENT_TYPE.exec(message['content-type'])?.[1]));
    if (!format) return malformed('codec', true);
    const frameBytes = bytesOf(format, 20);
    framed ??= framing(format, frameBytes);
    const { event: _event, 'content-type': _type, ...headers } = readParameters(all);
    const callerId = headers['from'] ?? headers['caller'];
    return {
      kind: 'started',
      gateway: 'vonage',
      format,
      facts: {
        plays: format,
        frameBytes,
        paced: false,
        marks: true,
        clears: true,
        marksOnClear: false,
        pauses: false,
        transfers: 'by-closing',
        maxMessageBytes: frameBytes,
        maxAheadMs: MAX_AHEAD_MS,
      },
      callId: headers['uuid'] ?? headers['call-id'] ?? '',
      ...(callerId !== undefined && { callerId }),
      parameters: { ...query, ...headers },
    };
  }
  const sound = (whole: Uint8Array | undefined): readonly Frame[] =>
    framed && whole ? pieces(whole, framed.frameBytes) : [];

  return speak({
    hear(frame) {
      if (typeof frame !== 'string') return [{ kind: 'media', sound: frame }];
      const value = readObject(frame);
      if (!value) return [malformed('not-json')];
      switch (value['event']) {
        case 'websocket:connected':
          return understand(Connected, value, (message) => connected(message, value));
        case 'websocket:dtmf':
          return understand(Dtmf, value, (of) => ({ kind: 'dtmf', digit: of.digit }));
        case 'websocket:notify':
          return understand(Notify, value, ({ payload }) => ({ kind: 'mark', name: payload.mark }));
        case 'websocket:cleared':
          return [{ kind: 'cleared' }];
        default:
          return [malformed('unknown-event')];
      }
    },
    play: (played) => sound(framed?.whole(played)),
    mark: (name) => [...sound(framed?.rest()), JSON.stringify({ action: 'notify', payload: { mark: name } })],
    clear() {
      framed?.drop();
      return [JSON.stringify({ action: 'clear' })];
    },
  });
}
