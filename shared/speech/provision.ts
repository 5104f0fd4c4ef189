import { AckPolicy, DeliverPolicy, jetstreamManager, type ConsumerConfig } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { AUDIO, TIMERS } from '../log/streams.ts';

/** The durable consumer of the sound of all calls: whoever listens pulls from it. */
export const LISTENERS = 'ts-asr';
/** The durable consumer of calls whose gateway has not been heard of for a while. */
export const LOST_CALLS = 'ts-voice';
/** Where a call that was not looked after in time is announced. Within the subjects of the timers' stream. */
export const LOST_CALL_SUBJECTS = 'timer.due.call.>';

/**
 * Whoever died over the last chunk of a call is found out after this time: no later chunk shows it. A chunk is worked on
 * in milliseconds, and one that comes again for nothing does no harm.
 */
const LISTENERS_WAIT_MS = 300;
const LOST_CALLS_WAIT_MS = 5_000;

/** Creates or updates the durable consumers of speech. Part of provisioning; doing it again changes nothing. */
export async function provisionSpeech(nc: NatsConnection): Promise<void> {
  const jsm = await jetstreamManager(nc);
  const common = {
    ack_policy: AckPolicy.Explicit,
    deliver_policy: DeliverPolicy.All,
    max_deliver: -1,
    max_ack_pending: 10_000,
  };
  const put = async (stream: string, name: string, filter: string, ackWaitMs: number): Promise<void> => {
    const config = {
      ...common,
      durable_name: name,
      filter_subjects: [filter],
      ack_wait: ackWaitMs * 1_000_000,
    } satisfies Partial<ConsumerConfig>;
    const exists = await jsm.consumers.info(stream, name).then(
      () => true,
      () => false,
    );
    if (exists) await jsm.consumers.update(stream, name, config);
    else await jsm.consumers.add(stream, config);
  };
  await put(AUDIO, LISTENERS, 'audio.>', LISTENERS_WAIT_MS);
  await put(TIMERS, LOST_CALLS, LOST_CALL_SUBJECTS, LOST_CALLS_WAIT_MS);
}
