import * as v from 'valibot';
import { FunctionConfig } from '../../shared/config/config.ts';
import { ENGINE_KINDS, type EngineKind } from '../../shared/speech/open.ts';

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

/** What listening takes from its environment. */
export const AsrConfig = v.object({
  ...FunctionConfig.entries,
  /** Recognisers of speech, best first; of those that understand the caller's language the first one that works listens. */
  TURNSTREAM_ASR_ENGINES: v.optional(engines, SHIPPED),
  /** For a server with OpenAI's API that wants a key. */
  TURNSTREAM_ASR_KEY: v.exactOptional(v.string()),
  /** Calls that a process has at hand. */
  TURNSTREAM_ASR_CALLS: v.optional(v.pipe(v.string(), v.toNumber(), v.integer(), v.minValue(1)), '2000'),
});
