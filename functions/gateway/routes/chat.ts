import type { SessionRef } from '../../../shared/log/log.ts';
import { converse, pendingHeaders, told, type Conversed } from '../converse.ts';
import { answered, bodyOf, keyOf, type Exchange } from '../exchange.ts';
import { freshId } from '../../../shared/incoming/fresh-id.ts';
import { isPlatformId, newSession } from '../../../shared/incoming/names.ts';
import { IDEMPOTENCY, PREFER } from '../parameters.ts';
import type { Route } from '../route.ts';
import { Chat } from '../schemas.ts';
import { ChatReply, Pending } from '../replies.ts';
import { continued, gone, named, open, opened } from '../../../shared/incoming/sessions.ts';
import type { View } from '../../../shared/incoming/views.ts';

/** The name of this channel; also a part of what names the sessions of its users. */
const CHANNEL = 'chat';

const LOCATION = { Location: 'Where the reply is going to be' };

/** A message and its reply in one request. */
export const chatRoute: Route = {
  method: 'POST',
  path: '/v1/chat',
  summary: 'Says something and waits for the reply',
  description:
    'Without `sessionId` a new session begins. A `sessionId` that the platform gave has to exist; any other is your own name for the conversation: its session is opened on first use and resumed after it was closed.',
  parameters: [IDEMPOTENCY, PREFER],
  request: {
    'application/json': { schema: Chat, example: { sessionId: 'customer-42', query: 'Where is my parcel?' } },
  },
  replies: {
    200: { description: 'The turn has ended', schema: ChatReply },
    202: { description: 'Accepted; the reply takes longer. Ask at `Location`', schema: Pending, headers: LOCATION },
  },
  async handle(x) {
    const body = await bodyOf(x, Chat);
    const { sessionId } = body;
    const result = await converse(x, finderOf(x, sessionId, body.locale), {
      text: body.query,
      ...(body.locale !== undefined && { locale: body.locale }),
    });
    return chatAnswer(result, sessionId);
  },
};

function finderOf(x: Exchange, sessionId: string | undefined, locale: string | undefined): () => View | Promise<View> {
  const { at, caller } = x;
  if (sessionId !== undefined) {
    return isPlatformId(at.options.sessionKey, caller, sessionId)
      ? () => continued(at, caller, sessionId, CHANNEL)
      : () => named(at, caller, sessionId, { channel: CHANNEL });
  }
  const key = keyOf(x);
  const session = newSession(at.options.sessionKey, caller, freshId(at.options.now().getTime()), key);
  const ref: SessionRef = { tenant: caller.tenant, session };
  const opening = { channel: CHANNEL, ...(locale !== undefined && { locale }) };
  return async () => {
    // Nobody can have opened it before, unless its id derives from a key.
    const made = key === undefined ? await open(at, ref, opening) : undefined;
    const view = made?.view ?? (await opened(at, ref, opening));
    if (view) return view;
    throw gone('Idempotency-Key');
  };
}

function chatAnswer(result: Conversed, sessionId?: string): Response {
  const { view, turn, position, ending, headers } = result;
  const { session } = view.ref;
  const common = { sessionId: sessionId ?? session, session, turn };
  if (ending) return answered({ status: 200, body: { ...common, ...told(ending) }, headers });
  return answered({ status: 202, body: { ...common, status: 'pending', position }, headers: pendingHeaders(result) });
}
