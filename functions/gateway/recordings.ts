import type { NatsConnection } from '@nats-io/nats-core';
import { keptWav, type KeptSoundOptions, type KeptWav } from '../../shared/archive/kept-wav.ts';
import { soundBook, type CallSound } from '../../shared/archive/sound.ts';
import type { SessionRef } from '../../shared/log/log.ts';

/** The calls of sessions whose sound was kept. */
export interface Recordings {
  calls(ref: SessionRef): Promise<readonly CallSound[]>;
  wav(ref: SessionRef, call: CallSound): KeptWav;
}

/** The archive's recordings. */
export function recordingsIn(nc: NatsConnection, options: KeptSoundOptions): Recordings {
  const book = soundBook(nc);
  return {
    calls: async (ref) => (await book.read(ref))?.value ?? [],
    wav: (ref, call) => keptWav(options, { ...ref, call: call.call }, call),
  };
}
