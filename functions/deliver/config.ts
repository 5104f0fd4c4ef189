import * as v from 'valibot';
import { FunctionConfig } from '../../shared/config/config.ts';

/** What the delivery of replies takes from its environment. */
export const DeliverConfig = v.object({
  ...FunctionConfig.entries,
  /** Path of the tenants' file. */
  TURNSTREAM_TENANTS: v.string(),
});
