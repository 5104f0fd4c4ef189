import { converse, pendingHeaders } from '../converse.ts';
import { answered, bodyOf, type Exchange } from '../exchange.ts';
import { IDEMPOTENCY, PREFER } from '../parameters.ts';
import { RestReply, UserPending, UserReply } from '../replies.ts';
import type { Route } from '../route.ts';
import { RestChat, UserChat } from '../schemas.ts';
import { named } from '../../../shared/incoming/sessions.ts';

const LOCATION = { Location: 'Where the reply is going to be' };

/** The session of a channel's user; its name is hashed with a key, so it stands nowhere. */
const userSession = (x: Exchange, channel: string, user: string) => () => named(x.at, x.caller, user, { channel });

/** The smallest interface a chat window can have. */
export const userChatRoute: Route = {
  method: 'POST',
  path: '/chat',
  summary: 'A question of a user, and its answer',
  parameters: [IDEMPOTENCY, PREFER],
  request: { 'application/json': { schema: UserChat, example: { user_id: 'u-42', query: 'Where is my parcel?' } } },
  replies: {
    200: { description: 'The answer', schema: UserReply },
    202: {
      description: 'Accepted; the answer takes longer. Ask at `Location`',
      schema: UserPending,
      headers: LOCATION,
    },
  },
  async handle(x) {
    const { user_id: user, query: text } = await bodyOf(x, UserChat);
    const result = await converse(x, userSession(x, 'chat-user', user), { text });
    const { ending, headers, position } = result;
    if (ending) return answered({ status: 200, body: { answer: ending.text, seq: ending.position }, headers });
    return answered({ status: 202, body: { answer: null, seq: position }, headers: pendingHeaders(result) });
  },
};

/** What a client of Rasa's REST channel expects. */
export const restRoute: Route = {
  method: 'POST',
  path: '/webhooks/rest/webhook',
  summary: "A message of a sender, answered like Rasa's REST channel",
  parameters: [IDEMPOTENCY, PREFER],
  request: { 'application/json': { schema: RestChat, example: { sender: 'u-42', message: 'Where is my parcel?' } } },
  replies: {
    200: { description: 'What the bot says, possibly nothing', schema: RestReply },
    202: { description: 'Accepted; the answer takes longer. Ask at `Location`', schema: RestReply, headers: LOCATION },
  },
  async handle(x) {
    const { sender, message } = await bodyOf(x, RestChat);
    const result = await converse(x, userSession(x, 'rest', sender), { text: message });
    const { ending, headers } = result;
    if (!ending) return answered({ status: 202, body: [], headers: pendingHeaders(result) });
    const body = ending.messages.map(({ text, buttons }) => ({
      recipient_id: sender,
      text,
      ...(buttons.length > 0 && { buttons }),
    }));
    return answered({ status: 200, body, headers });
  },
};
