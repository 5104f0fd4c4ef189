import * as v from 'valibot';
import { locale, name, personalText, personalValue, timezone } from '../../events/fields.ts';

// eslint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/u;

/** What a customer says. */
const text = v.pipe(
  personalText,
  v.check((s) => s.trim().length > 0, 'is empty'),
  v.description('What the customer said'),
);

/** A name that a client gives a user or a conversation. It is only ever used hashed. */
const clientName = v.pipe(
  v.string(),
  v.minLength(1, 'is empty'),
  v.maxLength(128),
  v.check((s) => s.isWellFormed(), 'contains half of a surrogate pair'),
  v.check((s) => !CONTROL.test(s), 'contains a control character'),
);

export const OpenSession = v.strictObject({
  locale: v.exactOptional(locale),
  timezone: v.exactOptional(timezone),
  channel: v.exactOptional(name),
});

const said = {
  text,
  locale: v.exactOptional(locale),
  /** What a pressed button stands for. */
  payload: v.exactOptional(personalValue),
};
/** The short form: somebody said something. */
export const Said = v.strictObject(said);
export const Utterance = v.strictObject({ type: v.literal('utterance.received'), data: Said });
export const ControlData = v.strictObject({ command: v.picklist(['take', 'hand-back', 'close']), agent: name });
export const Control = v.strictObject({ type: v.literal('control.requested'), data: ControlData });

export const Chat = v.strictObject({
  sessionId: v.exactOptional(
    v.pipe(clientName, v.description('An id that the platform gave, or any name of your own for the conversation')),
  ),
  query: text,
  locale: v.exactOptional(locale),
});
export const UserChat = v.strictObject({ user_id: clientName, query: text });
/** Rasa's REST channel; `metadata` and `input_channel` are accepted as Rasa does, and not used. */
export const RestChat = v.strictObject({
  sender: clientName,
  message: text,
  metadata: v.exactOptional(v.unknown()),
  input_channel: v.exactOptional(v.string()),
});
