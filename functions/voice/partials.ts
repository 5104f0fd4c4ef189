import type { NatsConnection } from '@nats-io/nats-core';
import { partialsIn } from '../../shared/speech/partials.ts';
import type { Partials } from './options.ts';

/** Hears the words of one call while they are spoken. */
export function partials(nc: NatsConnection): Partials {
  const ofSession = partialsIn(nc);
  return (ref, heard) =>
    ofSession(ref, ({ call, utterance, text }) => {
      if (call === ref.call) heard(utterance, text);
    });
}
