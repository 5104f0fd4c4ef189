import * as v from 'valibot';
import { EventId, SessionId } from '../../../events/envelope.ts';
import type { SessionRef } from '../../../shared/log/log.ts';
import { HttpProblem, problem } from '../../../shared/http/problem.ts';
import { SECURITY } from '../../../shared/http/security.ts';
import { gone, refOf } from '../../../shared/incoming/sessions.ts';
import type { CallSound } from '../../../shared/archive/sound.ts';
import { rangeOf } from '../byte-range.ts';
import { answered, type Exchange } from '../exchange.ts';
import { headerOf } from '../header.ts';
import { CALL, RANGE, SESSION } from '../parameters.ts';
import type { Recordings } from '../recordings.ts';
import type { Route } from '../route.ts';

const WAV = 'audio/wav';

const Calls = v.strictObject({
  session: SessionId,
  calls: v.pipe(
    v.array(
      v.strictObject({
        call: EventId,
        since: v.pipe(v.string(), v.description('When its keeping began')),
        durationMs: v.number(),
        rate: v.pipe(v.number(), v.description('Samples a second')),
        over: v.pipe(v.boolean(), v.description('Nothing more comes')),
      }),
    ),
    v.description('Oldest first; none where the tenant keeps no sound, or not any more'),
  ),
});

/** Which calls of a session can be heard again. */
export const recordingsRoute: Route = {
  method: 'GET',
  path: '/v1/sessions/{session}/audio',
  summary: 'The calls of a session whose sound was kept',
  description:
    'For the tenant and its agents. Also after the session has left for the archive, until `voice.keepAudioDays` are ' +
    'over. A call that is on is kept in parts of two minutes.',
  parameters: [SESSION],
  replies: { 200: { description: 'The calls', schema: Calls } },
  forAgents: true,
  async handle(x) {
    const { ref, calls } = await kept(x);
    const told = calls.map(({ call, since, rate, parts, over }) => ({
      call,
      since,
      durationMs: parts.at(-1)?.toMs ?? 0,
      rate,
      over,
    }));
    return answered({ status: 200, body: { session: ref.session, calls: told } });
  },
};

/** What a caller said, to be heard again. */
export const recordingRoute: Route = {
  method: 'GET',
  path: '/v1/sessions/{session}/audio/{call}',
  summary: 'The sound of a call',
  description: 'What the caller said, as a WAV file of one channel in 16 bits; silence where nothing was kept.',
  parameters: [SESSION, CALL, RANGE],
  replies: {
    200: { description: 'The whole file', file: WAV, headers: { ETag: 'Another one once more of the call is kept' } },
    206: { description: 'The bytes that were asked for', file: WAV, headers: { 'Content-Range': 'Which they are' } },
  },
  forAgents: true,
  async handle(x) {
    const { ref, calls, recordings } = await kept(x);
    const call = calls.find((one) => one.call === x.c.req.param('call'));
    if (!call) throw new HttpProblem(problem(404, 'unknown-call', 'No sound of such a call is kept'));
    const wav = recordings.wav(ref, call);
    const etag = `"${call.call}-${call.parts.at(-1)?.through ?? 0}"`;
    const ifRange = headerOf(x.c, 'if-range');
    const asked = ifRange === undefined || ifRange === etag ? headerOf(x.c, 'range') : undefined;
    const range = rangeOf(asked, wav.bytes);
    if (range === 'unsatisfiable') {
      throw new HttpProblem(problem(416, 'range-not-satisfiable', 'The file has no such bytes'), {
        'content-range': `bytes */${wav.bytes}`,
      });
    }
    const { from, to } = range ?? { from: 0, to: wav.bytes };
    const headers = {
      ...SECURITY,
      'accept-ranges': 'bytes',
      'cache-control': 'private, no-store',
      'content-disposition': `attachment; filename="${call.call}.wav"`,
      'content-length': String(to - from),
      'content-type': WAV,
      etag,
      ...(range && { 'content-range': `bytes ${from}-${to - 1}/${wav.bytes}` }),
    };
    return new Response(ReadableStream.from(wav.between(from, to)), { status: range ? 206 : 200, headers });
  },
};

interface Kept {
  readonly ref: SessionRef;
  readonly calls: readonly CallSound[];
  readonly recordings: Recordings;
}

/** What is kept of a session of the caller's tenant. A customer hears no recordings: those are the tenant's. */
async function kept({ c, at, caller }: Exchange): Promise<Kept> {
  const { recordings, isErased } = at.options;
  const ref = refOf(caller, c.req.param('session') ?? '');
  if (caller.user !== undefined && !caller.agent) {
    throw new HttpProblem(problem(403, 'forbidden', 'Recordings are for the tenant and its agents'));
  }
  if (await isErased?.(ref)) throw gone();
  if (!recordings) throw new HttpProblem(problem(501, 'no-archive', 'This process knows no archive'));
  return { ref, calls: await recordings.calls(ref), recordings };
}
