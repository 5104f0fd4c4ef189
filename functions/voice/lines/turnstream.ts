import * as v from 'valibot';
import { pieces } from './framing.ts';
import { bytesOf, type Frame, type Line, type LineEvent, type LineFacts } from './line.ts';
import { counter, digit, label, readFormat, readObject, readParameters, understand } from './read.ts';
import { malformed, speak } from './speak.ts';

const SEQUENCE_BYTES = 4;
const PIECE_MS = 1_000;

const Open = v.object({
  format: v.object({ codec: v.picklist(['mulaw', 'alaw', 'l16']), rate: counter }),
  parameters: v.optional(v.unknown()),
  resume: v.optional(
    v.object({ stream: v.pipe(v.string(), v.maxLength(64)), lastSeq: counter, mark: v.exactOptional(label) }),
  ),
});
const Dtmf = v.object({ digit });
const Mark = v.object({ name: label });

/** The subprotocol of our own clients. */
export const SUBPROTOCOL = 'voice.turnstream';

/** A line to our own clients, browsers and SDKs: each frame is numbered, so a lost socket can be resumed. */
export function turnstreamLine(query: Readonly<Record<string, string>> = {}): Line {
  let facts: LineFacts | undefined;
  let sent = 0;

  function opened({ format: asked, parameters, resume }: v.InferOutput<typeof Open>): LineEvent {
    const format = readFormat(asked.codec, asked.rate);
    if (!format) return malformed('codec', true);
    if (!facts) sent = resume?.lastSeq ?? 0;
    facts ??= {
      plays: format,
      frameBytes: bytesOf(format, 20),
      paced: false,
      marks: true,
      clears: true,
      marksOnClear: true,
      pauses: true,
      transfers: 'named',
      maxMessageBytes: SEQUENCE_BYTES + bytesOf(format, PIECE_MS),
      maxAheadMs: 30_000,
    };
    return {
      kind: 'started',
      gateway: 'turnstream',
      format,
      facts,
      callId: resume?.stream ?? '',
      parameters: { ...query, ...readParameters(parameters) },
      ...(resume && { resumes: { stream: resume.stream, lastSequence: resume.lastSeq, ...markOf(resume) } }),
    };
  }

  const say = (type: string, more: object = {}): readonly Frame[] => [JSON.stringify({ type, ...more })];

  return speak({
    hear(frame) {
      if (typeof frame !== 'string') return [numbered(frame)];
      const value = readObject(frame);
      if (!value) return [malformed('not-json')];
      switch (value['type']) {
        case 'open':
          return understand(Open, value, opened);
        case 'dtmf':
          return understand(Dtmf, value, (of) => ({ kind: 'dtmf', digit: of.digit }));
        case 'mark':
          return understand(Mark, value, ({ name }) => ({ kind: 'mark', name }));
        case 'cleared':
          return [{ kind: 'cleared' }];
        case 'stop':
          return [{ kind: 'stopped', reason: 'hung-up' }];
        default:
          return [malformed('unknown-event')];
      }
    },
    accept: (stream, lastSeq) => say('opened', { stream, lastSeq }),
    acknowledge: (lastSeq) => say('have', { lastSeq }),
    play: (sound) =>
      pieces(sound, facts ? bytesOf(facts.plays, PIECE_MS) : 1).map((piece) => {
        sent += 1;
        const frame = new Uint8Array(SEQUENCE_BYTES + piece.length);
        new DataView(frame.buffer).setUint32(0, sent);
        frame.set(piece, SEQUENCE_BYTES);
        return frame;
      }),
    mark: (name) => say('mark', { name }),
    clear: () => say('clear'),
    pause: () => say('pause'),
    resume: () => say('resume'),
    partial: (utterance, text) => say('partial', { utterance, text }),
    transfer: (to) => say('transfer', { to }),
    hangUp: () => say('stop'),
  });
}

const markOf = ({ mark }: { readonly mark?: string }) => (mark === undefined ? {} : { mark });

function numbered(frame: Uint8Array): LineEvent {
  if (frame.length <= SEQUENCE_BYTES) return malformed('shape');
  const sequence = new DataView(frame.buffer, frame.byteOffset, SEQUENCE_BYTES).getUint32(0);
  return { kind: 'media', sequence, sound: frame.subarray(SEQUENCE_BYTES) };
}
