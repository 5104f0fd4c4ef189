import * as v from 'valibot';
import { defineEvent } from './define.ts';
import { name, reason } from './fields.ts';

/** Names an artefact by its content: SHA-256 in hexadecimal. */
export const ModelHash = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/u, 'is not the hash of a model'));

/**
 * A bot understands with this model from now on. It belongs to no conversation: it stands in a stream of its own, on
 * the subject of its bot, where the newest counts and the others are the history.
 */
export const modelPromoted = defineEvent({
  type: 'model.promoted',
  revision: 1,
  schema: v.strictObject({
    bot: name,
    model: ModelHash,
    /** Answers this share of the sessions instead, 0 to 1: always the same ones. */
    canary: v.exactOptional(
      v.strictObject({ model: ModelHash, share: v.pipe(v.number(), v.minValue(0), v.maxValue(1)) }),
    ),
    /** `published`: with its bot; `rolled-back`: the last promotion was taken back. */
    how: v.picklist(['published', 'promoted', 'rolled-back']),
    /** The bot's hash, where the model came with its publication. */
    published: v.exactOptional(v.string()),
    by: name,
    reason,
  }),
});
