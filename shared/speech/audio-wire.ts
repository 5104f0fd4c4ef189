import * as v from 'valibot';
import { EventId, SessionId, TenantId } from '../../events/envelope.ts';
import { count, locale } from '../../events/fields.ts';
import type { Binding } from '../crypto/seal.ts';
import { EXPECTED, rawHeaders } from '../log/wire.ts';
import { audioSubject, type CallRef, type Chunk, type StoredChunk } from './chunk.ts';

/** Encrypts sound with the key of its session; `open` is undefined once the key was destroyed. */
export interface SoundCipher {
  seal(binding: Binding, sound: Uint8Array): Uint8Array | Promise<Uint8Array>;
  open(binding: Binding, sealed: Uint8Array): Uint8Array | undefined | Promise<Uint8Array | undefined>;
}

/** What is needed of a message's headers. */
interface Headers {
  get(key: string): string;
}

/** A chunk as it goes over NATS. */
export interface AudioWire {
  readonly subject: string;
  readonly headers: ReturnType<typeof rawHeaders>;
  readonly body: Uint8Array;
}

/** What a stored message is, when it is read: a chunk of a call, or none, and why. */
export type ReadChunk =
  | { readonly ref: CallRef; readonly chunk: StoredChunk }
  | { readonly unreadable: 'malformed' | 'erased'; readonly why: string };

const whole = v.pipe(v.string(), v.regex(/^\d{1,15}$/u), v.toNumber(), count);
const flag = v.picklist(['0', '1']);
/** Absent where it says nothing. */
const maybe = v.union([
  v.pipe(
    v.literal(''),
    v.transform(() => undefined),
  ),
  whole,
]);

const Attributes = v.object({
  number: v.pipe(whole, v.minValue(1)),
  from: whole,
  codec: v.picklist(['mulaw', 'alaw', 'l16']),
  rate: v.pipe(whole, v.minValue(8_000), v.maxValue(48_000)),
  'after-words': whole,
  'without-words': whole,
  longest: whole,
  locale,
  playing: flag,
  last: flag,
  previous: whole,
  'through-frame': maybe,
  'through-bytes': maybe,
});
const Path = v.strictTuple([v.literal('audio'), whole, TenantId, SessionId, EventId]);

/** Additional data of the encryption: a chunk opens in its own place only. */
const bindingOf = ({ tenant, session, call }: CallRef, number: number): Binding => ({
  tenant,
  session,
  id: call,
  type: `audio.${number}`,
});

/** Prepares an append: the stream refuses it unless the newest chunk of the call stands at `previous`. */
export async function encodeChunk(
  ref: CallRef,
  chunk: Chunk,
  previous: number,
  cipher?: SoundCipher,
): Promise<AudioWire> {
  const { number, fromMs, format, patience, sound } = chunk;
  const attributes: Readonly<Record<keyof v.InferInput<typeof Attributes>, string | number>> = {
    number,
    from: fromMs,
    codec: format.codec,
    rate: format.rate,
    'after-words': patience.afterWordsMs,
    'without-words': patience.withoutWordsMs,
    longest: patience.longestMs,
    locale: chunk.locale,
    playing: chunk.playing ? 1 : 0,
    last: chunk.last ? 1 : 0,
    previous,
    'through-frame': chunk.through?.frame ?? '',
    'through-bytes': chunk.through?.bytes ?? '',
  };
  // No message id: what came before is recognised by its number, and the server has nothing to remember.
  const lines = Object.entries(attributes).flatMap(([name, value]) =>
    value === '' ? [] : [`chunk-${name}: ${value}\r\n`],
  );
  const block = `NATS/1.0\r\n${EXPECTED}: ${previous}\r\n${lines.join('')}\r\n`;
  const body = cipher && sound.length > 0 ? await cipher.seal(bindingOf(ref, number), sound) : sound;
  return { subject: audioSubject(ref), headers: rawHeaders(block), body };
}

/** Reads a stored message back. Its subject says whose it is; what was sealed for another place does not open. */
export async function decodeChunk(
  message: {
    readonly subject: string;
    readonly headers: Headers | undefined;
    readonly body: Uint8Array;
    readonly position: number;
  },
  cipher?: SoundCipher,
): Promise<ReadChunk> {
  const { subject, headers, body, position } = message;
  const path = v.safeParse(Path, subject.split('.'));
  const read = v.safeParse(
    Attributes,
    Object.fromEntries(Object.keys(Attributes.entries).map((name) => [name, headers?.get(`chunk-${name}`) ?? ''])),
  );
  if (!path.success) return malformed('its subject is none of a call');
  if (!read.success) return malformed(`${v.getDotPath(read.issues[0]) ?? ''} is not valid`);
  const { number, from, codec, rate, previous, playing, last, 'through-frame': frame } = read.output;
  const [, , tenant, session, call] = path.output;
  const ref: CallRef = { tenant, session, call };
  if (audioSubject(ref) !== subject) return malformed('its subject is in another partition');
  if (previous >= position) return malformed('previous is not valid');
  const sound = cipher && body.length > 0 ? await cipher.open(bindingOf(ref, number), body) : body;
  if (sound === undefined) return { unreadable: 'erased', why: 'the key of the session was destroyed' };
  const chunk: StoredChunk = {
    number,
    fromMs: from,
    format: { codec, rate },
    sound,
    patience: {
      afterWordsMs: read.output['after-words'],
      withoutWordsMs: read.output['without-words'],
      longestMs: read.output.longest,
    },
    locale: read.output.locale,
    playing: playing === '1',
    last: last === '1',
    ...(frame !== undefined && { through: { frame, bytes: read.output['through-bytes'] ?? 0 } }),
    position,
    previous,
  };
  return { ref, chunk };
}

const malformed = (why: string): ReadChunk => ({ unreadable: 'malformed', why });
