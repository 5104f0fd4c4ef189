import type { NatsConnection } from '@nats-io/nats-core';
import { register } from '../log/register.ts';
import { HEARING } from '../log/streams.ts';
import type { SoundCipher } from './audio-wire.ts';
import { hearingSubject, type CallRef } from './chunk.ts';

/** What is known of a call by whoever listens to it, and where it stands. */
export interface Hearing {
  readonly state: Uint8Array;
  readonly position: number;
}

/** Where those who listen to calls leave what the next one needs. Only the newest state of a call is kept. */
export interface HearingStore {
  /** As any replica knows it: cheap, may lag behind. */
  glance(ref: CallRef): Promise<Hearing | undefined>;
  /** As the leader knows it. */
  read(ref: CallRef): Promise<Hearing | undefined>;
  /** Stores if the newest stands at `expected` (0: there is none). Its place, or undefined: somebody was faster. */
  write(ref: CallRef, state: Uint8Array, expected: number): Promise<number | undefined>;
}

const bindingOf = ({ tenant, session, call }: CallRef) => ({ tenant, session, id: call, type: 'hearing' });

/** The states of hearing on a stream. With a cipher, they are encrypted: they hold what was said. */
export function hearingStore(nc: NatsConnection, cipher?: SoundCipher): HearingStore {
  const states = register(nc, HEARING);
  const opened = async (ref: CallRef, entry: Awaited<ReturnType<typeof states.read>>): Promise<Hearing | undefined> => {
    if (!entry) return undefined;
    const state = cipher ? await cipher.open(bindingOf(ref), entry.data) : entry.data;
    return state && { state, position: entry.position };
  };
  return {
    glance: async (ref) => opened(ref, await states.glance(hearingSubject(ref))),
    read: async (ref) => opened(ref, await states.read(hearingSubject(ref))),
    write: async (ref, state, expected) =>
      states.write(hearingSubject(ref), cipher ? await cipher.seal(bindingOf(ref), state) : state, expected),
  };
}
