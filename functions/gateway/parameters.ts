import type { Parameter } from './route.ts';

const text = { type: 'string' } as const;
const position = { type: 'integer', minimum: 0 } as const;

/** The header that makes a request repeatable. */
export const IDEMPOTENCY: Parameter = {
  in: 'header',
  name: 'Idempotency-Key',
  description:
    'Makes the request safe to repeat: the same key in the same session is the same event and gets the same answer ' +
    '(`Idempotency-Replayed: true`); with another body it is refused with 422. A key is honoured for a minute and ' +
    'for the last 128 utterances of the session, however long ago they were. What has left the log by then gets 410.',
  schema: { ...text, minLength: 1, maxLength: 257 },
};

/** The header that says how long to wait. */
export const PREFER: Parameter = {
  in: 'header',
  name: 'Prefer',
  description: '`wait=N`: how many seconds to wait for the reply before 202',
  schema: text,
};

/** The session in a path. */
export const SESSION: Parameter = {
  in: 'path',
  name: 'session',
  description: 'The id of the session, as the platform gave it',
  schema: { ...text, pattern: '^(?:[0-7][0-9A-HJKMNP-TV-Z]{25}|[0-9a-f]{32})$' },
};

/** The turn in a path. */
export const TURN: Parameter = {
  in: 'path',
  name: 'turn',
  description: 'The id of the event that opened the turn',
  schema: { ...text, pattern: '^[0-7][0-9A-HJKMNP-TV-Z]{25}$' },
};

/** The call in a path. */
export const CALL: Parameter = {
  in: 'path',
  name: 'call',
  description: 'The id of the call, as `call.started` names it',
  schema: { ...text, pattern: '^[0-7][0-9A-HJKMNP-TV-Z]{25}$' },
};

/** The header that asks for a part of a file. */
export const RANGE: Parameter = {
  in: 'header',
  name: 'Range',
  description: 'One range of bytes; with `If-Range` only while it is still the same file',
  schema: text,
};

/** Where to begin. */
export const AFTER: Parameter = {
  in: 'query',
  name: 'after',
  description: 'Only what stands after this position',
  schema: position,
};

/** How many. */
export const LIMIT: Parameter = {
  in: 'query',
  name: 'limit',
  description: 'At most this many events',
  schema: { type: 'integer', minimum: 1, maximum: 1_000, default: 100 },
};

/** Which ones. */
export const TYPES: Parameter = {
  in: 'query',
  name: 'types',
  description: 'Only events of these types, separated by commas',
  schema: text,
};

/** Whether words are shown that are still being spoken. */
export const PARTIALS: Parameter = {
  in: 'query',
  name: 'partials',
  description: 'In a stream: also the words of callers while they speak, which the next ones replace',
  schema: { type: 'boolean', default: false },
};

/** Where a stream goes on. */
export const LAST_EVENT_ID: Parameter = {
  in: 'header',
  name: 'Last-Event-ID',
  description: 'The id of the last event that was read from a stream: it goes on with the next one',
  schema: position,
};
