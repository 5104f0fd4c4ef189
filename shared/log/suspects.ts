import type { NatsConnection } from '@nats-io/nats-core';
import { register } from './register.ts';
import { SUSPECTS } from './streams.ts';

/** Noted of a delivery that a process gave back without having begun with it. */
export const UNHARMED = -1;

/**
 * How often a process died while it worked on a delivery by itself. The server's own count of deliveries cannot tell:
 * it counts for everything that a dying process held, most of which had not even begun.
 */
export interface Suspects {
  /** What was noted last of the delivery at a position, deaths or `UNHARMED`; 0 where nothing was, or it was long ago. */
  readonly deaths: (position: number) => Promise<number>;
  /** Notes one death more before the work begins, and takes it back when the delivery is given back unharmed. */
  readonly note: (position: number, deaths: number) => Promise<void>;
}

/** The suspects of one durable consumer. */
export function suspectsOf(nc: NatsConnection, durable: string): Suspects {
  const notes = register(nc, SUSPECTS);
  const subject = (position: number) => `suspect.${durable}.${position}`;
  return {
    async deaths(position) {
      const noted = await notes.glance(subject(position));
      return noted ? Number(Buffer.from(noted.data).toString()) : 0;
    },
    async note(position, deaths) {
      await notes.put(subject(position), String(deaths));
    },
  };
}
