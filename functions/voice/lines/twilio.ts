import type * as v from 'valibot';
import type { Format } from '../../../shared/speech/chunk.ts';
import { pieces } from './framing.ts';
import { bytesOf, type Line, type LineEvent, type LineFacts } from './line.ts';
import { readBase64, readFormat, readObject, readParameters, understand } from './read.ts';
import { malformed, speak } from './speak.ts';
import { tracks } from './tracks.ts';
import {
  Dtmf,
  gatewayOf,
  headersOf,
  Mark,
  Media,
  Played,
  Start,
  unwrapped,
  type TwilioLike,
} from './twilio-messages.ts';

const PIECE_MS = 1_000;

/** A line to Twilio or to one of those that speak alike; which one is seen from how it names the stream, if not told. */
export function twilioLine(told?: TwilioLike, query: Readonly<Record<string, string>> = {}): Line {
  let stream: { readonly gateway: TwilioLike; readonly id: string; readonly format: Format } | undefined;
  const order = tracks();

  function started(message: Start): LineEvent {
    const { start } = message;
    const gateway = told ?? gatewayOf(message);
    const media = start.mediaFormat ?? start.media_format;
    const rate = media?.sampleRate ?? media?.sample_rate ?? 8_000;
    const format = readFormat(media?.encoding ?? 'mulaw', rate);
    // Where both directions are sent, some count them as channels; each message still has one.
    const channels = Math.max(1, start.tracks?.length ?? 1);
    if (!format || (media?.channels ?? 1) > channels) return malformed('codec', true);
    const outer = message.streamSid ?? message.stream_sid ?? message.streamId ?? message.stream_id;
    stream ??= { gateway, format, id: outer ?? start.streamSid ?? start.streamId ?? '' };
    return {
      kind: 'started',
      gateway,
      format,
      facts: factsOf(gateway, format),
      callId: start.callSid ?? start.call_sid ?? start.callId ?? start.call_control_id ?? '',
      ...(start.from !== undefined && { callerId: start.from }),
      parameters: {
        ...query,
        ...headersOf(message.extra_headers),
        ...readParameters(start.customParameters ?? start.custom_parameters),
      },
    };
  }

  /** Twilio tells messages apart by `event`, Plivo has its own verbs, and each wants its own name of the stream. */
  function message(event: 'media' | 'mark' | 'clear', body: (of: Format) => object): readonly string[] {
    if (!stream) return [];
    const { gateway, id, format } = stream;
    const verb = gateway === 'plivo' ? { media: 'playAudio', mark: 'checkpoint', clear: 'clearAudio' }[event] : event;
    const named = {
      plivo: 'streamId',
      telnyx: 'stream_id',
      exotel: 'stream_sid',
      twilio: 'streamSid',
      signalwire: 'streamSid',
    };
    return [JSON.stringify({ event: verb, [named[gateway]]: id, ...body(format) })];
  }

  function heard({ track, chunk, timestamp, payload }: v.InferOutput<typeof Media>['media']): LineEvent | undefined {
    // The other direction is what we play ourselves, or somebody who speaks to the caller: no words of the caller's.
    if (track?.startsWith('outbound')) {
      if (chunk !== undefined) order.other(chunk);
      return undefined;
    }
    const sequence = chunk === undefined ? undefined : order.caller(chunk);
    const sound = readBase64(payload);
    if (!sound) return malformed('not-base64');
    return {
      kind: 'media',
      sound,
      ...(sequence !== undefined && { sequence }),
      // Plivo's is the time of day.
      ...(timestamp !== undefined && stream?.gateway !== 'plivo' && { atMs: timestamp }),
    };
  }

  return speak({
    hear(frame) {
      if (typeof frame !== 'string') return [malformed('wrong-kind')];
      const message = readObject(frame);
      if (!message) return [malformed('not-json')];
      const value = unwrapped(message);
      switch (value['event']) {
        case 'connected':
          return [];
        case 'start':
          return understand(Start, value, started);
        case 'media':
          return understand(Media, value, ({ media }) => heard(media));
        case 'dtmf':
          return understand(Dtmf, value, ({ dtmf }) => ({ kind: 'dtmf', digit: dtmf.digit }));
        case 'mark':
          return understand(Mark, value, ({ mark }) => ({ kind: 'mark', name: mark.name }));
        case 'playedStream':
          return understand(Played, value, ({ name }) => ({ kind: 'mark', name }));
        case 'clearedAudio':
        case 'clear':
          return [{ kind: 'cleared' }];
        case 'stop':
          return [{ kind: 'stopped', reason: 'hung-up' }];
        case 'error':
          return [malformed('refused')];
        default:
          return [malformed('unknown-event')];
      }
    },
    play: (sound) =>
      pieces(sound, stream ? bytesOf(stream.format, PIECE_MS) : 1).flatMap((piece) =>
        message('media', ({ codec, rate }) => {
          const payload = Buffer.from(piece.buffer, piece.byteOffset, piece.length).toString('base64');
          const contentType = codec === 'l16' ? 'audio/x-l16' : 'audio/x-mulaw';
          return { media: stream?.gateway === 'plivo' ? { contentType, sampleRate: rate, payload } : { payload } };
        }),
      ),
    mark: (name) => message('mark', () => (stream?.gateway === 'plivo' ? { name } : { mark: { name } })),
    clear: () => message('clear', () => ({})),
  });
}

const factsOf = (gateway: TwilioLike, plays: Format): LineFacts => ({
  plays,
  frameBytes: bytesOf(plays, 20),
  paced: false,
  marks: true,
  clears: true,
  marksOnClear: gateway !== 'plivo',
  pauses: false,
  transfers: 'by-closing',
  maxMessageBytes: Math.ceil((bytesOf(plays, PIECE_MS) * 4) / 3) + 512,
  maxAheadMs: 30_000,
});
