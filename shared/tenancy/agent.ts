import * as v from 'valibot';
import { name } from '../../events/fields.ts';

/** A person who takes over conversations. */
export const Agent = v.strictObject({
  /** Stands in the log beside what the agent does. */
  name,
  /** What the agent knows about; absent: everything. */
  skills: v.exactOptional(v.array(name)),
});
export type Agent = Readonly<v.InferOutput<typeof Agent>>;
