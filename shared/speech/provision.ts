import { AckPolicy, DeliverPolicy, jetstreamManager, type ConsumerConfig } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { AUDIO, TIMERS } from '../log/streams.ts';

/** The durable consumer of the sound of all calls: whoever listens pulls from it. */
export const LISTENERS = 'ts-asr';
/** The durable consumer of calls whose gateway has not been heard of for a while. */
export const LOST_CALLS = 'ts-voice';
/** Where a call that was not looked after in time is announced. Within the subjects of the timers' stream. */
export const LOST_CALL_SUBJECTS = 'timer.due.call.>';

/** A chunk is worked on in milliseconds; whoever died over one is found out after this time. */
const ACK_WAIT_MS = 5_000;

/** Creates or updates the durable consumers of speech. Part of provisioning; doing it again changes nothing. */
export async function provisionSpeech(nc: NatsConnection): Promise<void> {
  const jsm = await jetstreamManager(nc);
  const common = {
    ack_policy: AckPolicy.Explicit,
    deliver_policy: DeliverPolicy.All,
    ack_wait: ACK_WAIT_MS * 1_000_000,
    max_deliver: -1,
    max_ack_pending: 10_000,
  };
  const put = async (stream: string, name: string, filter: string): Promise<void> => {
    const config = { ...common, durable_name: name, filter_subjects: [filter] } satisfies Partial<ConsumerConfig>;
    const exists = await jsm.consumers.info(stream, name).then(
      () => true,
      () => false,
    );
    if (exists) await jsm.consumers.update(stream, name, config);
    else await jsm.consumers.add(stream, config);
  };
  await put(AUDIO, LISTENERS, 'audio.>');
  await put(TIMERS, LOST_CALLS, LOST_CALL_SUBJECTS);
}
