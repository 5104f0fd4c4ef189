import type { NatsConnection } from '@nats-io/nats-core';
import * as v from 'valibot';
import { partialSubject } from '../../shared/speech/chunk.ts';
import type { Partials } from './options.ts';

const Partial = v.object({ utterance: v.number(), text: v.string() });

/** Hears the words of calls while they are spoken, as those who listen announce them. */
export const partials =
  (nc: NatsConnection): Partials =>
  (ref, heard) => {
    const subscription = nc.subscribe(partialSubject(ref), {
      callback: (_error, m) => {
        const read = v.safeParse(Partial, jsonOf(m));
        if (read.success) heard(read.output.utterance, read.output.text);
      },
    });
    return {
      stop: () => {
        subscription.unsubscribe();
      },
    };
  };

function jsonOf(m: { json(): unknown }): unknown {
  try {
    return m.json();
  } catch {
    return undefined;
  }
}
