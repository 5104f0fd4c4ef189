import type { SessionRef } from '../../../shared/log/log.ts';
import { converse, pendingHeaders, told, type Conversed } from '../converse.ts';
import { answered, bodyOf, keyOf, type Exchange } from '../exchange.ts';
import { freshId } from '../fresh-id.ts';
import { isPlatformId, newSession } from '../names.ts';
import { IDEMPOTENCY, PREFER } from '../parameters.ts';
import type { Route } from '../route.ts';
import { Chat } from '../schemas.ts';
import { ChatReply, Pending } from '../replies.ts';
import { closed, existing, named, opened } from '../sessions.ts';
import type { View } from '../views.ts';

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

function finderOf(x: Exchange, sessionId: string | undefined, locale: string | undefined): () => Promise<View> {
  const { at, caller } = x;
  const opening = { channel: CHANNEL, ...(locale !== undefined && { locale }) };
  if (sessionId === undefined) {
    const fresh = freshId(at.options.now().getTime());
    const session = newSession(at.options.sessionKey, caller, fresh, keyOf(x));
    const ref: SessionRef = { tenant: caller.tenant, session };
    return () => opened(at, ref, opening);
  }
  if (!isPlatformId(at.options.sessionKey, caller, sessionId))
    return () => named(at, caller, sessionId, { channel: CHANNEL });
  return async () => {
    const view = await existing(at, caller, sessionId);
    if (view.phase !== 'open') throw closed();
    return view;
  };
}

function chatAnswer(result: Conversed, sessionId?: string): Response {
  const { view, turn, position, ending, headers } = result;
  const { session } = view.ref;
  const common = { sessionId: sessionId ?? session, session, turn };
  if (ending) return answered({ status: 200, body: { ...common, ...told(ending) }, headers });
  return answered({ status: 202, body: { ...common, status: 'pending', position }, headers: pendingHeaders(result) });
}
