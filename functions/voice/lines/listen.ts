import * as v from 'valibot';
import type { Format } from '../../../shared/speech/chunk.ts';
import { pieces } from './framing.ts';
import { bytesOf, type Frame, type Gateway, type Line, type LineEvent, type LineFacts } from './line.ts';
import { counter, digit, label, readFormat, readObject, readParameters, understand } from './read.ts';
import { malformed, speak } from './speak.ts';

/** Those that send one text frame of attributes, then linear sound in binary frames. */
export type ListenLike = Extract<Gateway, 'jambonz' | 'audio-fork' | 'audio-stream'>;

const PIECE_MS = 1_000;

const Attributes = v.object({
  sampleRate: v.optional(counter),
  mixType: v.optional(v.string()),
  callSid: v.optional(label),
  uuid: v.optional(label),
  from: v.optional(label),
  metadata: v.optional(v.unknown()),
});

const Dtmf = v.object({ dtmf: digit });
const Mark = v.object({ data: v.object({ name: label }) });

/**
 * A line to jambonz `listen`, or to FreeSWITCH with mod_audio_fork or mod_audio_stream. What they do not say about
 * themselves stands in the query of the URL: `rate` (theirs, 8000 if none), `play` (ours, the same if none).
 */
export function listenLine(gateway: ListenLike, query: Readonly<Record<string, string>> = {}): Line {
  let facts: LineFacts | undefined;

  function started(attributes: v.InferOutput<typeof Attributes>, all: unknown): LineEvent {
    const rate = attributes.sampleRate ?? rateIn(query['rate']) ?? 8_000;
    const format = readFormat('l16', rate);
    const plays = readFormat('l16', rateIn(query['play']) ?? rate);
    if (!format || !plays || (attributes.mixType ?? 'mono') !== 'mono') return malformed('codec', true);
    facts ??= factsOf(gateway, plays);
    return {
      kind: 'started',
      gateway,
      format,
      facts,
      callId: attributes.callSid ?? attributes.uuid ?? '',
      ...(attributes.from !== undefined && { callerId: attributes.from }),
      parameters: { ...query, ...readParameters(all), ...readParameters(attributes.metadata) },
    };
  }

  function opened(frame: string): readonly LineEvent[] {
    const value = readObject(frame);
    // FreeSWITCH passes on whatever was given to it.
    if (!value) return gateway === 'jambonz' ? [malformed('not-json', true)] : [started({}, {})];
    return understand(Attributes, value, (attributes) => started(attributes, value));
  }

  const say = (type: string, data?: object): readonly Frame[] => [JSON.stringify({ type, ...(data && { data }) })];

  return speak({
    hear(frame) {
      // The attributes are optional with FreeSWITCH.
      if (typeof frame !== 'string') {
        const media: LineEvent = { kind: 'media', sound: frame };
        return facts || gateway === 'jambonz' ? [media] : [started({}, {}), media];
      }
      if (!facts) return opened(frame);
      const value = readObject(frame);
      if (!value) return [malformed('not-json')];
      switch (value['event'] ?? value['type']) {
        case 'dtmf':
          return understand(Dtmf, value, ({ dtmf }) => ({ kind: 'dtmf', digit: dtmf }));
        case 'mark':
          return understand(Mark, value, ({ data }) => ({ kind: 'mark', name: data.name }));
        default:
          return [malformed('unknown-event')];
      }
    },
    play: (sound) =>
      facts ? pieces(sound, bytesOf(facts.plays, PIECE_MS)).flatMap((piece) => said(gateway, facts?.plays, piece)) : [],
    ...(gateway === 'jambonz' && { mark: (name) => say('mark', { name }) }),
    ...(gateway !== 'audio-stream' && {
      // The marks that were waiting are gone too; jambonz keeps them otherwise, and reports them late.
      clear: () => (gateway === 'jambonz' ? [...say('killAudio'), ...say('clearMarks')] : say('killAudio')),
      hangUp: () => say('disconnect'),
    }),
    ...(gateway === 'audio-fork' && { transfer: (to) => say('transfer', { to }) }),
  });
}

function said(gateway: ListenLike, plays: Format | undefined, piece: Uint8Array): readonly Frame[] {
  if (gateway === 'jambonz') return [piece];
  const sound = Buffer.from(piece.buffer, piece.byteOffset, piece.length).toString('base64');
  const sampleRate = plays?.rate;
  return [
    JSON.stringify(
      gateway === 'audio-fork'
        ? { type: 'playAudio', data: { audioContentType: 'raw', sampleRate, audioContent: sound } }
        : { type: 'streamAudio', data: { audioDataType: 'raw', sampleRate, audioData: sound } },
    ),
  ];
}

const rateIn = (text?: string): number | undefined => (text && /^\d{4,5}$/u.test(text) ? Number(text) : undefined);

const factsOf = (gateway: ListenLike, plays: Format): LineFacts => ({
  plays,
  frameBytes: bytesOf(plays, 20),
  paced: false,
  marks: gateway === 'jambonz',
  clears: gateway !== 'audio-stream',
  marksOnClear: gateway === 'jambonz',
  pauses: false,
  transfers: gateway === 'audio-fork' ? 'named' : 'by-closing',
  maxMessageBytes: Math.ceil((bytesOf(plays, PIECE_MS) * 4) / 3) + 512,
  // What cannot be taken back is not sent long before its time.
  maxAheadMs: gateway === 'audio-stream' ? 200 : 10_000,
});
