import { scriptedGateway, type Protocol, type Script, type ScriptedGateway } from './gateway.ts';

/** What is said of the call when it begins. */
export interface CallFacts {
  readonly from?: string;
  readonly parameters?: Readonly<Record<string, string>>;
  /** With `both_tracks`: what the other side of the call says meanwhile, again and again; in the codec of the call. */
  readonly otherSays?: Uint8Array;
  /** How frames of two tracks are counted; the vendor's documents leave it open. Default: each track by itself. */
  readonly counts?: 'apart' | 'together';
}

const base64 = (sound: Uint8Array): string => Buffer.from(sound).toString('base64');
const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'base64'));

/**
 * Twilio `<Connect><Stream>`, after twilio.com/docs/voice/media-streams/websocket-messages: counters as text, from 1;
 * what is sent is queued; a mark comes back when it is reached, and at once when `clear` empties the queue.
 */
export function twilioGateway(call: CallFacts = {}, script?: Script): ScriptedGateway {
  const streamSid = 'MZ00000000000000000000000000000001';
  let sequence = 0;
  const message = (event: string, body: object) => [
    JSON.stringify({ event, sequenceNumber: String((sequence += 1)), ...body, streamSid }),
  ];
  const protocol: Protocol = {
    codec: 'mulaw',
    rate: 8_000,
    introduce: () => [
      JSON.stringify({ event: 'connected', protocol: 'Call', version: '1.0.0' }),
      ...message('start', {
        start: {
          accountSid: 'AC00000000000000000000000000000001',
          streamSid,
          callSid: 'CA00000000000000000000000000000001',
          tracks: call.otherSays ? ['inbound', 'outbound'] : ['inbound'],
          mediaFormat: { encoding: 'audio/x-mulaw', sampleRate: 8000, channels: 1 },
          customParameters: call.parameters ?? {},
        },
      }),
    ],
    media(sound, number, atMs) {
      const track = (name: string, chunk: number, of: Uint8Array) =>
        message('media', {
          media: { track: name, chunk: String(chunk), timestamp: String(atMs), payload: base64(of) },
        });
      const { otherSays } = call;
      if (!otherSays) return track('inbound', number, sound);
      const at = ((number - 1) * sound.length) % (otherSays.length - sound.length);
      const said = otherSays.subarray(at, at + sound.length);
      const [own, other] = call.counts === 'together' ? [2 * number - 1, 2 * number] : [number, number];
      return [...track('inbound', own, sound), ...track('outbound', other, said)];
    },
    digit: (digit) => message('dtmf', { dtmf: { track: 'inbound_track', digit } }),
    stop: () => message('stop', { stop: { accountSid: 'AC1', callSid: 'CA1' } }),
    marked: (name) => message('mark', { mark: { name } }),
    take(frame, queue) {
      const said = JSON.parse(String(frame)) as Said;
      if (said.streamSid !== streamSid) return undefined;
      if (said.event === 'media') queue.play(bytes(said.media?.payload ?? ''));
      if (said.event === 'mark') queue.mark(said.mark?.name ?? '');
      return said.event === 'clear' ? queue.clear().flatMap((name) => message('mark', { mark: { name } })) : [];
    },
  };
  return scriptedGateway(protocol, script);
}

/** Telnyx, after developers.telnyx.com: snake_case, and frames of sound may overtake each other (`Script.disturb`). */
export function telnyxGateway(call: CallFacts = {}, script?: Script): ScriptedGateway {
  const stream_id = '32de0dea-53cb-4b21-89a4-9e1819c043bc';
  let sequence = 0;
  const message = (event: string, body: object) => [
    JSON.stringify({ event, sequence_number: String((sequence += 1)), ...body, stream_id }),
  ];
  const protocol: Protocol = {
    codec: 'alaw',
    rate: 8_000,
    introduce: () => [
      JSON.stringify({ event: 'connected', version: '1.0.0' }),
      ...message('start', {
        start: {
          user_id: '3e6f995f-85f7-4705-9741-53b116d28237',
          call_control_id: 'v2:T02llQxIyaRkhfRKxgAP8nY511EhFLizdvdUKJiSw8d6A9BborherQ',
          from: call.from ?? '+15550100',
          to: '+15550199',
          custom_parameters: call.parameters ?? {},
          media_format: { encoding: 'PCMA', sample_rate: 8000, channels: 1 },
        },
      }),
    ],
    media: (sound, number, atMs) =>
      message('media', {
        media: { track: 'inbound', chunk: String(number), timestamp: String(atMs), payload: base64(sound) },
      }),
    digit: (digit) => message('dtmf', { occurred_at: '2026-11-20T12:00:00Z', dtmf: { digit } }),
    stop: () => message('stop', { stop: { call_control_id: 'v2:T02' } }),
    marked: (name) => message('mark', { mark: { name } }),
    take(frame, queue) {
      const said = JSON.parse(String(frame)) as Said;
      if (said.event === 'media') queue.play(bytes(said.media?.payload ?? ''));
      if (said.event === 'mark') queue.mark(said.mark?.name ?? '');
      return said.event === 'clear' ? queue.clear().flatMap((name) => message('mark', { mark: { name } })) : [];
    },
  };
  return scriptedGateway(protocol, script);
}

/** Exotel Voicebot, after developer.exotel.com/docs/agentstream/websocket-protocol: Twilio's verbs, linear sound. */
export function exotelGateway(call: CallFacts = {}, script?: Script): ScriptedGateway {
  const stream_sid = 'MZexotel1';
  let sequence = 0;
  const message = (event: string, body: object) => [
    JSON.stringify({ event, sequence_number: String((sequence += 1)), stream_sid, ...body }),
  ];
  const protocol: Protocol = {
    codec: 'l16',
    rate: 8_000,
    introduce: () => [
      JSON.stringify({ event: 'connected' }),
      ...message('start', {
        start: {
          stream_sid,
          call_sid: 'CAexotel1',
          account_sid: 'ACexotel1',
          from: call.from ?? '+919876543210',
          to: '+918047491899',
          custom_parameters: call.parameters ?? {},
          media_format: { encoding: 'audio/x-raw', sample_rate: '8000', bit_rate: '16' },
        },
      }),
    ],
    media: (sound, number, atMs) =>
      message('media', { media: { chunk: String(number), timestamp: String(atMs), payload: base64(sound) } }),
    digit: (digit) => message('dtmf', { dtmf: { digit, duration: '100' } }),
    stop: () => message('stop', { stop: { call_sid: 'CAexotel1', account_sid: 'ACexotel1', reason: 'callended' } }),
    marked: (name) => message('mark', { mark: { name } }),
    take(frame, queue) {
      const said = JSON.parse(String(frame)) as Said & { readonly stream_sid?: string };
      if (said.stream_sid !== stream_sid) return [];
      if (said.event === 'media') queue.play(bytes(said.media?.payload ?? ''));
      if (said.event === 'mark') queue.mark(said.mark?.name ?? '');
      return said.event === 'clear' ? queue.clear().flatMap((name) => message('mark', { mark: { name } })) : [];
    },
  };
  return scriptedGateway(protocol, script);
}

/** What a server says on such a line. */
export interface Said {
  readonly event?: string;
  readonly streamSid?: string;
  readonly media?: { readonly payload: string };
  readonly mark?: { readonly name: string };
}
