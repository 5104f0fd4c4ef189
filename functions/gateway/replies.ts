import * as v from 'valibot';
import { catalogue } from '../../events/catalogue.ts';
import { EventId, Position, SessionId } from '../../events/envelope.ts';
import { message } from '../../events/fields.ts';

/** A session was opened. */
export const Opened = v.strictObject({ session: SessionId, position: Position });

/** An event was stored. */
export const Accepted = v.strictObject({ id: EventId, position: Position, session: SessionId });

const ofTurn = { sessionId: v.string(), session: SessionId, turn: EventId };
const ended = {
  ending: v.picklist(['replied', 'handed-off', 'superseded', 'dead-lettered']),
  reply: v.strictObject({ text: v.string(), messages: v.array(message) }),
  locale: v.exactOptional(v.string()),
  by: v.exactOptional(EventId),
  position: v.pipe(Position, v.description('Where the ending stands in the log')),
};

/** A turn that has ended. */
export const ChatReply = v.strictObject({ ...ofTurn, ...ended });
/** A turn that has not. */
export const Pending = v.strictObject({ ...ofTurn, status: v.literal('pending'), position: Position });

/** The answer of `POST /chat`. */
export const UserReply = v.strictObject({
  answer: v.string(),
  seq: v.pipe(Position, v.description('Where the ending of the turn stands in the log')),
});
/** The answer of `POST /chat` that takes longer. */
export const UserPending = v.strictObject({ answer: v.null(), seq: Position });

/** The answer of Rasa's REST channel. */
export const RestReply = v.array(
  v.strictObject({
    recipient_id: v.string(),
    text: v.string(),
    buttons: v.exactOptional(v.array(v.strictObject({ title: v.string(), payload: v.string() }))),
  }),
);

const types = catalogue.map(({ type }) => type);

/** An event as it is shown outside. */
export const PublicEvent = v.strictObject({
  id: EventId,
  type: v.picklist(types),
  session: SessionId,
  turn: v.exactOptional(EventId),
  position: Position,
  time: v.string(),
  causation: v.exactOptional(EventId),
  emitter: v.exactOptional(v.string()),
  basis: v.exactOptional(Position),
  traceparent: v.exactOptional(v.string()),
  data: v.record(v.string(), v.unknown()),
});

/** Some events of a session. */
export const EventPage = v.strictObject({
  events: v.array(PublicEvent),
  next: v.pipe(v.nullable(Position), v.description('Goes into `after` for the next page; null: this was the last one')),
});

/** What is wrong, as RFC 9457 has it. */
export const ProblemDocument = v.looseObject({
  type: v.string(),
  title: v.string(),
  status: v.number(),
  detail: v.exactOptional(v.string()),
  errors: v.exactOptional(v.array(v.strictObject({ field: v.string(), message: v.string() }))),
});
