import type { NatsConnection } from '@nats-io/nats-core';
import * as v from 'valibot';
import { EventId } from '../../events/envelope.ts';
import type { SessionRef } from '../log/log.ts';
import { partialsSubject } from './chunk.ts';

/** The words of an utterance that is being spoken; the next ones replace them. */
export interface PartialWords {
  readonly call: EventId;
  readonly utterance: number;
  readonly text: string;
}

const Announced = v.object({ utterance: v.number(), text: v.string() });

/**
 * Hears the words of a session's calls while they are spoken, as those who listen announce them. Without a promise: what
 * was announced before is not heard, and what is lost on the way does not come again.
 */
export function partialsIn(
  nc: NatsConnection,
): (ref: SessionRef, heard: (words: PartialWords) => void) => { readonly stop: () => void } {
  return (ref, heard) => {
    const subscription = nc.subscribe(partialsSubject(ref), {
      callback: (_error, m) => {
        const call = v.safeParse(EventId, m.subject.slice(m.subject.lastIndexOf('.') + 1));
        const read = v.safeParse(Announced, jsonOf(m));
        if (call.success && read.success) heard({ call: call.output, ...read.output });
      },
    });
    return {
      stop: () => {
        subscription.unsubscribe();
      },
    };
  };
}

function jsonOf(m: { json(): unknown }): unknown {
  try {
    return m.json();
  } catch {
    return undefined;
  }
}
