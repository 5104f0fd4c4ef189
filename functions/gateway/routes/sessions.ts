import { HttpProblem, problem } from '../../../shared/http/problem.ts';
import type { SessionRef } from '../../../shared/log/log.ts';
import { readEvent } from '../../../shared/runtime/read-event.ts';
import { answered, bodyOf, keyOf, KEY_POLICY, type Exchange } from '../exchange.ts';
import { freshId } from '../../../shared/incoming/fresh-id.ts';
import { newSession } from '../../../shared/incoming/names.ts';
import { IDEMPOTENCY } from '../parameters.ts';
import { Opened } from '../replies.ts';
import type { Route } from '../route.ts';
import { OpenSession } from '../schemas.ts';
import { DEFAULT_CHANNEL, gone, open, pastOf } from '../../../shared/incoming/sessions.ts';

/** A conversation begins. */
export const openSessionRoute: Route = {
  method: 'POST',
  path: '/v1/sessions',
  summary: 'Opens a session',
  parameters: [IDEMPOTENCY],
  request: { 'application/json': { schema: OpenSession, example: { locale: 'en', timezone: 'Europe/Berlin' } } },
  replies: { 201: { description: 'The session', schema: Opened, headers: { Location: 'The events of the session' } } },
  async handle(x) {
    const { at, caller } = x;
    const body = await bodyOf(x, OpenSession);
    const opening = { ...body, channel: body.channel ?? DEFAULT_CHANNEL };
    const key = keyOf(x);
    const session = newSession(at.options.sessionKey, caller, freshId(at.options.now().getTime()), key);
    const ref: SessionRef = { tenant: caller.tenant, session };
    // A session that was erased, or has left for the archive, is not opened a second time.
    const past = key === undefined ? undefined : await pastOf(at, ref);
    if (past?.erased || past?.archived) throw gone('Idempotency-Key');
    const fresh = await open(at, ref, opening);
    if (fresh) return opened(ref, fresh.position, key, false);
    return opened(ref, await openedBefore(x, ref, opening), key, true);
  },
};

function opened({ session }: SessionRef, position: number, key: string | undefined, repeated: boolean): Response {
  const headers = {
    location: `/v1/sessions/${session}/events`,
    ...(key !== undefined && KEY_POLICY),
    ...(repeated && { 'idempotency-replayed': 'true' }),
  };
  return answered({ status: 201, body: { session, position }, headers });
}

/** The position at which a session with the same key was opened, if it was opened with the same body. */
async function openedBefore(
  x: Exchange,
  ref: SessionRef,
  opening: { readonly [field: string]: unknown },
): Promise<number> {
  const first = (await x.at.options.log.latest(ref)).find(({ envelope }) => envelope.type === 'session.opened');
  if (!first) throw gone('Idempotency-Key');
  const data = readEvent(first).data as Record<string, unknown>;
  if (['channel', 'locale', 'timezone'].every((field) => data[field] === opening[field])) return first.position;
  throw new HttpProblem(
    problem(422, 'key-reused', 'The key was used for another request', {
      errors: [{ field: 'Idempotency-Key', message: 'came before with another body' }],
    }),
  );
}
