import * as v from 'valibot';

/** The name of a slot: conditions and placeholders have to be able to say it. */
export const slotName = v.pipe(
  v.string(),
  v.regex(/^[\p{L}][\p{L}\p{N}_]{0,63}$/u, 'a name has letters, digits and _'),
);

/** The name of an entity, an action or a flow. */
export const plainName = v.pipe(
  v.string(),
  v.regex(/^[\p{L}][\p{L}\p{N}_-]{0,63}$/u, 'a name has letters, digits, _ and -'),
);

/** The name of an intent or a response: of a retrieval intent's parts, with what it is a part of, as in `faq/opening`. */
export const partName = v.pipe(
  v.string(),
  v.regex(
    /^[\p{L}][\p{L}\p{N}_-]{0,63}(?:\/[\p{L}\p{N}][\p{L}\p{N}_-]{0,63})?$/u,
    'a name has letters, digits, _ and -',
  ),
);
