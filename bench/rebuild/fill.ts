import type { NatsConnection } from '@nats-io/nats-core';
import { requests } from '../../shared/log/requests.ts';
import { encode, rawHeaders } from '../../shared/log/wire.ts';
import { opening } from '../../shared/testing/rig.ts';
import { eventOf, nextSession } from '../lib/events.ts';

const AT_ONCE = 2_000;

/** Opens sessions that nobody will ever talk in: they only fill the stream and its index of subjects. */
export function filler(nc: NatsConnection): (sessions: number) => Promise<void> {
  const send = requests(nc, 60_000);
  const one = async () => {
    const event = eventOf(nextSession(), opening());
    const { subject, headers, body } = await encode(event, 0);
    // Without its id: the server would remember each for the length of its duplicate window, which is not the question.
    const block = Buffer.from(headersOf(headers))
      .toString('latin1')
      .replace(/^Nats-.*\r\n/gmu, '');
    await send.one(subject, body, rawHeaders(block));
  };
  return async (sessions) => {
    for (let left = sessions; left > 0; left -= AT_ONCE) {
      await Promise.all(Array.from({ length: Math.min(AT_ONCE, left) }, one));
    }
  };
}

const headersOf = (headers: unknown): Uint8Array => (headers as { encode(): Uint8Array }).encode();
