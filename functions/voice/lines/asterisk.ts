import * as v from 'valibot';
import type { Format } from '../../../shared/speech/chunk.ts';
import { framing, pieces, type Framing } from './framing.ts';
import { bytesOf, type Frame, type Line, type LineEvent } from './line.ts';
import { counter, digit, label, readFormat, readObject, readParameters, understand } from './read.ts';
import { malformed, speak } from './speak.ts';

/** A longer one closes the socket and hangs up the call. */
const MAX_MESSAGE_BYTES = 65_500;
/** Its queue holds 1,000 frames of 20 ms and says XOFF at 900. */
const MAX_AHEAD_MS = 16_000;

const MediaStart = v.object({
  format: v.string(),
  optimal_frame_size: v.optional(counter),
  channel: v.optional(label),
  channel_id: v.optional(label),
  connection_id: v.optional(label),
  channel_variables: v.optional(v.unknown()),
});
const Dtmf = v.object({ digit });
const Correlated = v.object({ correlation_id: label });

/** A line to Asterisk's chan_websocket: sound in binary frames, control in JSON or in the older plain text. */
export function asteriskLine(query: Readonly<Record<string, string>> = {}): Line {
  let framed: Framing | undefined;
  let isPlain = false;

  function started(start: v.InferOutput<typeof MediaStart>): LineEvent {
    const format = formatOf(start.format);
    if (!format) return malformed('codec', true);
    const frameBytes = start.optimal_frame_size ?? bytesOf(format, 20);
    if (frameBytes < 1 || frameBytes > bytesOf(format, 1_000)) return malformed('shape', true);
    framed ??= framing(format, frameBytes);
    return {
      kind: 'started',
      gateway: 'asterisk',
      format,
      facts: {
        plays: format,
        frameBytes,
        paced: false,
        marks: true,
        clears: true,
        marksOnClear: false,
        pauses: true,
        transfers: 'by-closing',
        maxMessageBytes: MAX_MESSAGE_BYTES,
        maxAheadMs: MAX_AHEAD_MS,
      },
      callId: start.channel_id ?? start.channel ?? start.connection_id ?? '',
      parameters: { ...query, ...readParameters(start.channel_variables) },
    };
  }

  const command = (name: string, id?: string): Frame =>
    isPlain
      ? [name, id].filter((part) => part !== undefined).join(' ')
      : JSON.stringify({ command: name, ...(id !== undefined && { correlation_id: id }) });
  const sound = (whole: Uint8Array | undefined): readonly Frame[] =>
    whole ? pieces(whole, MAX_MESSAGE_BYTES - (MAX_MESSAGE_BYTES % (framed?.frameBytes ?? 1))) : [];

  return speak({
    hear(frame) {
      if (typeof frame !== 'string') return [{ kind: 'media', sound: frame }];
      const value = frame.startsWith('{') ? readObject(frame) : plain(frame);
      if (!value) return [malformed('not-json')];
      switch (value['event']) {
        case 'MEDIA_START':
          isPlain = !frame.startsWith('{');
          return understand(MediaStart, value, started);
        case 'DTMF_END':
          return understand(Dtmf, value, (of) => ({ kind: 'dtmf', digit: of.digit }));
        case 'MEDIA_XOFF':
          return [{ kind: 'buffering', full: true }];
        case 'MEDIA_XON':
          return [{ kind: 'buffering', full: false }];
        case 'MEDIA_MARK_PROCESSED':
          return understand(Correlated, value, (of) => ({ kind: 'mark', name: of.correlation_id }));
        case 'QUEUE_DRAINED':
        case 'MEDIA_BUFFERING_COMPLETED':
        case 'STATUS':
          return [];
        default:
          return [malformed('unknown-event')];
      }
    },
    accept: () => [command('ANSWER')],
    play: (played) => sound(framed?.whole(played)),
    mark: (name) => [...sound(framed?.rest()), command('MARK_MEDIA', name)],
    clear() {
      framed?.drop();
      return [command('FLUSH_MEDIA')];
    },
    pause: () => [command('PAUSE_MEDIA')],
    resume: () => [command('CONTINUE_MEDIA')],
    hangUp: () => [command('HANGUP')],
  });
}

const SLIN = /^slin(\d*)$/u;

/** Asterisk's own names: `ulaw`, `slin` (8 kHz), `slin16`, `slin48`. */
function formatOf(name: string): Format | undefined {
  const linear = SLIN.exec(name);
  return linear ? readFormat('slin', linear[1] ? rateOf(linear[1]) : 8_000) : readFormat(name, 8_000);
}
const rateOf = (thousands: string): number => (thousands === '44' ? 44_100 : Number(thousands) * 1_000);

/** `NAME key:value key:value`, where a value without a key is the correlation. */
function plain(text: string): Readonly<Record<string, unknown>> | undefined {
  const [event, ...rest] = text.trim().split(/\s+/u);
  if (!event || !/^[A-Z_]{1,64}$/u.test(event)) return undefined;
  const entries = rest.map((part): [string, string] => {
    const colon = part.indexOf(':');
    return colon < 0 ? ['correlation_id', part] : [part.slice(0, colon), part.slice(colon + 1)];
  });
  return { ...Object.fromEntries(entries), event };
}
