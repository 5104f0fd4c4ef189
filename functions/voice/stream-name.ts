import * as v from 'valibot';
import { EventId, SessionId } from '../../events/envelope.ts';
import type { CallRef } from '../../shared/speech/chunk.ts';

/** What a client that comes back after a lost socket names its call by: whichever process it comes to can find it. */
export const streamOf = ({ session, call }: Pick<CallRef, 'session' | 'call'>): string => `${session}.${call}`;

const Name = v.strictTuple([SessionId, EventId]);

/** The call of a stream's name; undefined: it is none of ours. */
export function inStream(name: string): Pick<CallRef, 'session' | 'call'> | undefined {
  const path = v.safeParse(Name, name.split('.'));
  return path.success ? { session: path.output[0], call: path.output[1] } : undefined;
}
