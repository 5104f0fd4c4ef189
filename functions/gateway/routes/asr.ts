import * as v from 'valibot';
import { EventId, Position, SessionId } from '../../../events/envelope.ts';
import { locale as Locale } from '../../../events/fields.ts';
import { PlatformError } from '../../../shared/errors/index.ts';
import { HttpProblem, invalid, problem } from '../../../shared/http/problem.ts';
import type { FileTranscript } from '../../../shared/speech/file/transcribe.ts';
import type { Outcome } from '../../../shared/speech/file/transcriber.ts';
import { bytesBody } from '../body.ts';
import { eventIdOf, turnPath } from '../converse.ts';
import { answered, checked, keyOf, KEY_POLICY, type Exchange } from '../exchange.ts';
import { headerOf } from '../header.ts';
import { fieldOf, isForm } from '../multipart.ts';
import { IDEMPOTENCY } from '../parameters.ts';
import { postUtterance } from '../post.ts';
import type { Route } from '../route.ts';
import { Said } from '../schemas.ts';
import { closed, continued, DEFAULT_CHANNEL, existing } from '../../../shared/incoming/sessions.ts';

const FIELD = 'voice';
/** A recording, and a little for the form around it. */
const LARGEST = { bodyBytes: 25 * 1024 * 1024, bodyMs: 19_000 };
const LONGEST_MS = 600_000;
/** Recordings that are held at a time, on their way in or waiting. */
const AT_A_TIME = 6;

const word = v.strictObject({ text: v.string(), fromMs: v.number(), toMs: v.number() });
const AsrReply = v.strictObject({
  text: v.pipe(v.string(), v.description('All that was said')),
  language: v.string(),
  durationMs: v.number(),
  format: v.picklist(['wav', 'flac', 'mp3', 'vorbis', 'opus']),
  utterances: v.array(
    v.strictObject({
      text: v.string(),
      fromMs: v.number(),
      toMs: v.number(),
      confidence: v.number(),
      engine: v.pipe(v.string(), v.description('The recogniser and its model')),
      words: v.exactOptional(v.array(word)),
    }),
  ),
  notTranscribed: v.pipe(
    v.array(v.strictObject({ fromMs: v.number(), toMs: v.number(), reason: v.string() })),
    v.description('Where somebody spoke and no recogniser could make it out'),
  ),
  said: v.exactOptional(
    v.pipe(
      v.strictObject({ session: SessionId, turn: EventId, position: Position }),
      v.description('With `session`: the utterance that it became. Absent where nothing was said'),
    ),
  ),
});

/** What is said in a recording. */
export const asrRoute: Route = {
  method: 'POST',
  path: '/v1/asr',
  summary: 'Transcribes a recording',
  description:
    'WAV, FLAC, MP3 or OGG (Vorbis or Opus), told apart by their content; up to 25 MB and ten minutes. As the body ' +
    'itself, or as the field `voice` of a form.',
  parameters: [
    {
      in: 'query',
      name: 'locale',
      description: 'What is spoken, BCP 47; `en` where absent',
      schema: { type: 'string' },
    },
    {
      in: 'query',
      name: 'session',
      description: 'An open session: what was said becomes an utterance of its customer',
      schema: { type: 'string' },
    },
    IDEMPOTENCY,
  ],
  uploads: {
    'multipart/form-data': {
      type: 'object',
      required: [FIELD],
      properties: { [FIELD]: { type: 'string', contentMediaType: 'audio/*' } },
    },
    'audio/*': {},
    'application/octet-stream': {},
  },
  replies: {
    200: { description: 'The transcript', schema: AsrReply, headers: { Location: 'The turn that it opened' } },
  },
  async handle(x) {
    const { at, caller } = x;
    const locale = localeOf(x);
    const session = x.c.req.query('session');
    // Before anything is read: nobody uploads for a session that is not theirs.
    if (session !== undefined) await existing(at, caller, session);
    const { transcript, format } = await heard(x, locale);
    const body = { ...transcript, format };
    if (session === undefined || transcript.text === '') return answered({ status: 200, body });
    const { said, headers } = await put(x, session, transcript, locale);
    return answered({ status: 200, body: { ...body, said }, headers });
  },
};

function localeOf({ c }: Exchange): string {
  const given = c.req.query('locale') ?? 'en';
  const parsed = v.safeParse(Locale, given);
  if (!parsed.success) throw invalid('locale', 'is not a language tag');
  return parsed.output;
}

const inHand = new WeakMap<object, number>();

/** Reads the recording and listens to it; memory for some of them, and no more. */
async function heard(x: Exchange, locale: string): Promise<Extract<Outcome, { transcript: unknown }>> {
  const { transcriber } = x.at.options;
  if (!transcriber) throw noRecogniser();
  const now = inHand.get(transcriber) ?? 0;
  if (now >= AT_A_TIME) throw busy(2);
  inHand.set(transcriber, now + 1);
  try {
    const body = await bytesBody(x.c, LARGEST);
    const type = headerOf(x.c, 'content-type') ?? '';
    const bytes = isForm(type) ? fieldOf(body, type, FIELD) : body;
    const outcome = await transcriber.hear({ bytes, locale, longestMs: LONGEST_MS }).catch(problemOf);
    if ('refused' in outcome) throw refused(outcome.refused);
    return outcome;
  } finally {
    inHand.set(transcriber, (inHand.get(transcriber) ?? 1) - 1);
  }
}

async function put(x: Exchange, session: string, { text }: FileTranscript, locale: string) {
  const said = checked(Said, { text, locale });
  const key = keyOf(x);
  for (let attempt = 0; attempt < 2; attempt++) {
    const view = await continued(x.at, x.caller, session, DEFAULT_CHANNEL);
    const posted = await postUtterance(x, view, said, eventIdOf(view, 'key', key), 0);
    if (!posted) continue;
    const { envelope, position } = posted.stored;
    return {
      said: { session, turn: envelope.id, position },
      headers: {
        location: turnPath(session, envelope.id, position),
        ...(key !== undefined && KEY_POLICY),
        ...(posted.repeated && { 'idempotency-replayed': 'true' }),
      },
    };
  }
  throw closed();
}

const REFUSALS: Readonly<Record<Extract<Outcome, { refused: unknown }>['refused'], readonly [number, string, string]>> =
  {
    'not-a-recording': [415, 'unsupported-media-type', 'is none of WAV, FLAC, MP3, OGG Vorbis and OGG Opus'],
    damaged: [422, 'damaged-recording', 'is damaged'],
    'too-short': [422, 'damaged-recording', 'has no sound in it'],
    'too-long': [413, 'recording-too-long', 'is longer than ten minutes'],
    'too-much': [413, 'recording-too-long', 'takes too much memory'],
  };

function refused(why: keyof typeof REFUSALS): HttpProblem {
  const [status, slug, message] = REFUSALS[why];
  const errors = [{ field: FIELD, message }];
  return new HttpProblem(problem(status, slug, 'The recording cannot be listened to', { errors }));
}

function problemOf(error: unknown): never {
  if (!(error instanceof PlatformError)) throw error;
  if (error.code === 'model.invalid') throw noRecogniser();
  throw busy(Math.ceil((error.retryAfterMs ?? 1_000) / 1_000), error.code);
}

const noRecogniser = () =>
  new HttpProblem(problem(501, 'no-recogniser', 'Nobody listens to recordings here', { code: 'model.invalid' }));

const busy = (seconds: number, code = 'asr.busy') =>
  new HttpProblem(problem(503, 'unavailable', 'The recording could not be listened to now', { code }), {
    'retry-after': String(seconds),
  });
