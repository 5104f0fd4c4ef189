import * as v from 'valibot';
import { ENGINE_KINDS, type EngineKind } from '../open.ts';

/** An engine, and the folder of its model or where it is. */
export interface EngineAt {
  readonly kind: EngineKind;
  readonly where: string;
}

/** What is shipped, beside the sources and in the image. */
export const SHIPPED = 'small=models/speech-en-small';

/** Engines in the order in which they are tried: `kind=folder` or `kind=address`, separated by commas. */
const engines = v.pipe(
  v.string(),
  v.transform((text) => text.split(',').map((each) => each.trim().split('='))),
  v.check(
    (all) => all.every(([kind, where]) => ENGINE_KINDS.some((known) => known === kind) && where),
    'is not a list',
  ),
  v.transform((all): readonly EngineAt[] =>
    all.map(([kind, ...where]) => ({ kind: kind as EngineKind, where: where.join('=') })),
  ),
);

/** Who recognises speech, for every process that needs it. */
export const EnginesConfig = v.object({
  /** Recognisers of speech, best first; of those that understand the caller's language the first one that works listens. */
  TURNSTREAM_ASR_ENGINES: v.optional(engines, SHIPPED),
  /** For a server with OpenAI's API that wants a key. */
  TURNSTREAM_ASR_KEY: v.exactOptional(v.string()),
});
