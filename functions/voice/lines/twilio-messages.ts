import * as v from 'valibot';
import type { Gateway } from './line.ts';
import { counter, digit, label, readParameters } from './read.ts';

/** Those that speak as Twilio does, in JSON with sound in base64. */
export type TwilioLike = Extract<Gateway, 'twilio' | 'telnyx' | 'signalwire' | 'exotel' | 'plivo'>;

const MediaFormat = v.object({
  encoding: v.string(),
  sampleRate: v.optional(counter),
  sample_rate: v.optional(counter),
  channels: v.optional(counter),
});

const Inner = v.object({
  streamSid: v.optional(label),
  streamId: v.optional(label),
  callSid: v.optional(label),
  call_sid: v.optional(label),
  callId: v.optional(label),
  call_control_id: v.optional(label),
  from: v.optional(label),
  tracks: v.optional(v.array(v.string())),
  customParameters: v.optional(v.unknown()),
  custom_parameters: v.optional(v.unknown()),
  mediaFormat: v.optional(MediaFormat),
  media_format: v.optional(MediaFormat),
});

/** The first message: how each of them names the stream, the call and the sound. */
export const Start = v.object({
  streamSid: v.optional(label),
  stream_sid: v.optional(label),
  streamId: v.optional(label),
  stream_id: v.optional(label),
  extra_headers: v.optional(v.string()),
  start: Inner,
});
/** The first message, as read. */
export type Start = v.InferOutput<typeof Start>;

/** A piece of sound. */
export const Media = v.object({
  media: v.object({
    track: v.optional(v.string()),
    chunk: v.optional(counter),
    timestamp: v.optional(counter),
    payload: v.string(),
  }),
});
/** A key. */
export const Dtmf = v.object({ dtmf: v.object({ digit }) });
/** A mark that was reached or dropped. */
export const Mark = v.object({ mark: v.object({ name: label }) });
/** Plivo's word for a mark. */
export const Played = v.object({ name: label });

const UUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/iu;

/** Who it is that does not say so: seen from how the stream is named. */
export function gatewayOf({ stream_id, stream_sid, streamId, streamSid, start }: Start): TwilioLike {
  if (stream_id !== undefined) return 'telnyx';
  if (stream_sid !== undefined) return 'exotel';
  if (streamId !== undefined || start.streamId !== undefined) return 'plivo';
  // Twilio's are `MZ` and 32 digits.
  return UUID.test(streamSid ?? start.streamSid ?? '') ? 'signalwire' : 'twilio';
}

/** A message as Twilio writes it: SignalWire's documents show it inside of another, which repeats some of its fields. */
export function unwrapped(message: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { rawEvent, streamSid } = message;
  return typeof rawEvent === 'object' && rawEvent !== null ? { streamSid, ...rawEvent } : message;
}

/** Plivo's `key=value;key=value`. */
export const headersOf = (text = ''): Readonly<Record<string, string>> =>
  readParameters(
    Object.fromEntries(
      text
        .split(/[;,]/u)
        .map((pair) => pair.split('=', 2))
        .filter((pair) => pair[0]),
    ),
  );
