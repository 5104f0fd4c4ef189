import * as v from 'valibot';
import { FunctionConfig } from '../../shared/config/config.ts';
import { EnginesConfig } from '../../shared/speech/engines/config.ts';

/** What listening takes from its environment. */
export const AsrConfig = v.object({
  ...FunctionConfig.entries,
  ...EnginesConfig.entries,
  /** Calls that a process has at hand. */
  TURNSTREAM_ASR_CALLS: v.optional(v.pipe(v.string(), v.toNumber(), v.integer(), v.minValue(1)), '2000'),
});
