import type * as v from 'valibot';
import type { Format } from '../../../shared/speech/chunk.ts';
import { pieces } from './framing.ts';
import { bytesOf, type Line, type LineEvent, type LineFacts } from './line.ts';
import { readBase64, readFormat, readObject, readParameters, understand } from './read.ts';
import { malformed, speak } from './speak.ts';
import { Dtmf, gatewayOf, headersOf, Mark, Media, Played, Start, type TwilioLike } from './twilio-messages.ts';

const PIECE_MS = 1_000;

/** A line to Twilio or to one of those that speak alike; which one is seen from how it names the stream, if not told. */
export function twilioLine(told?: TwilioLike, query: Readonly<Record<string, string>> = {}): Line {
  let stream: { readonly gateway: TwilioLike; readonly id: string; readonly format: Format } | undefined;

  function started(message: Start): LineEvent {
    const { start } = message;
    const gateway = told ?? gatewayOf(message);
    const media = start.mediaFormat ?? start.media_format;
    const rate = media?.sampleRate ?? media?.sample_rate ?? 8_000;
    const format = readFormat(media?.encoding ?? 'mulaw', rate);
    if (!format || (media?.channels ?? 1) !== 1) return malformed('codec', true);
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

  return speak({
    hear(frame) {
      if (typeof frame !== 'string') return [malformed('wrong-kind')];
      const value = readObject(frame);
      if (!value) return [malformed('not-json')];
      switch (value['event']) {
        case 'connected':
          return [];
        case 'start':
          return understand(Start, value, started);
        case 'media':
          return understand(Media, value, ({ media }) => heard(media, stream?.gateway));
        case 'dtmf':
          return understand(Dtmf, value, ({ dtmf }) => ({ kind: 'dtmf', digit: dtmf.digit }));
        case 'mark':
          return understand(Mark, value, ({ mark }) => ({ kind: 'mark', name: mark.name }));
        case 'playedStream':
          return understand(Played, value, ({ name }) => ({ kind: 'mark', name }));
        case 'clearedAudio':
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

function heard(media: v.InferOutput<typeof Media>['media'], gateway?: TwilioLike): LineEvent | undefined {
  // The other direction is what we play ourselves.
  if (media.track?.startsWith('outbound')) return undefined;
  const sound = readBase64(media.payload);
  if (!sound) return malformed('not-base64');
  return {
    kind: 'media',
    sound,
    ...(media.chunk !== undefined && { sequence: media.chunk }),
    // Plivo's is the time of day.
    ...(media.timestamp !== undefined && gateway !== 'plivo' && { atMs: media.timestamp }),
  };
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
