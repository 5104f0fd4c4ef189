import * as v from 'valibot';

/** The longest text of one message, in UTF-16 code units. */
export const MAX_TEXT = 10_000;

/** Marks a field that may tell something about a person: encrypted with the session's key, gone with it. */
const personal = <T>() => v.metadata<T, { readonly personal: true }>({ personal: true });

// NUL and the C0 and C1 controls, except tab, line feed and carriage return.
// eslint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/u;

const wellFormed = v.pipe(
  v.string(),
  v.check((s) => s.isWellFormed(), 'contains half of a surrogate pair'),
  v.check((s) => !CONTROL.test(s), 'contains a control character'),
);

/** What somebody said or was told. */
export const personalText = v.pipe(wellFormed, v.maxLength(MAX_TEXT), personal());
/** A value taken from what somebody said. */
export const personalValue = v.pipe(wellFormed, v.maxLength(1_000), personal());
/** A name chosen by the bot's author or an operator: an intent, a slot, a response, a channel. */
export const name = v.pipe(
  v.string(),
  v.regex(/^[\p{L}\p{N}][\p{L}\p{N}_./@+-]*$/u, 'is not a name'),
  v.maxLength(128),
);
/** Why something happened, in the platform's words; never customer content. */
export const reason = v.pipe(v.string(), v.maxLength(256));
/** BCP 47, for example `zh`, `zh-Hant`, `en-GB`. */
export const locale = v.pipe(
  v.string(),
  v.regex(/^[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*$/u, 'is not a language tag'),
  v.maxLength(35),
);
/** IANA name, for example `Asia/Shanghai`. */
export const timezone = v.pipe(
  v.string(),
  v.regex(/^[A-Za-z]+(?:[/_+-][A-Za-z0-9]+)*$/u, 'is not a time zone'),
  v.maxLength(64),
);
export const score = v.pipe(v.number(), v.minValue(0), v.maxValue(1));
export const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

// valibot leaves these keys out of what it returns, without a word: what is read would not be what was stored.
const RESERVED = ['__proto__', 'constructor', 'prototype'];
const plainObject = v.custom<Readonly<Record<string, unknown>>>(
  (value) =>
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !RESERVED.some((key) => Object.hasOwn(value, key)),
  'is not an object, or has a reserved key',
);

/** An object with any keys of a kind, except those that JavaScript gives a meaning of their own. */
export const record = <Key extends v.GenericSchema<string, string>, Value extends v.GenericSchema>(
  key: Key,
  value: Value,
) => v.pipe(plainObject, v.record(key, value));

/** The bot that a session talks to, named by its content. */
export const botRef = v.strictObject({ name, hash: v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/u)) });

/** What the customer is shown. */
export const message = v.strictObject({
  text: personalText,
  buttons: v.array(v.strictObject({ title: personalValue, payload: personalValue })),
});
export type Message = v.InferOutput<typeof message>;

/** The fold of a session up to a position, and the version of the fold that made it. Contains personal values. */
export const snapshot = v.strictObject({
  fold: name,
  hash: v.pipe(v.string(), v.regex(/^[0-9a-f]{16,64}$/u)),
  state: v.pipe(record(v.string(), v.unknown()), personal()),
});
export type Snapshot = v.InferOutput<typeof snapshot>;
