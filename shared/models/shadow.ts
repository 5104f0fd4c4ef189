import { AckPolicy, DeliverPolicy, jetstreamManager, type ConsumerConfig } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { PlatformError } from '../errors/index.ts';
import { CONVERSATIONS } from '../log/streams.ts';
import { typeSubject } from '../log/subjects.ts';
import { durableOf } from '../runtime/pull.ts';

const USER = 'shadow-intent';
/** The durable consumer of the model that is tried out. One at a time, so that its user may pull from nothing else. */
export const SHADOW_DURABLE = durableOf({ name: USER });

/** Where a model's answers stand that is tried out. */
export const shadowSubject = (
  model: string,
  { tenant, session }: { readonly tenant: string; readonly session: string },
): string => `shadow.intent.${model}.${tenant}.${session}`;

/** Where a shadow begins: a position of the log, a time, everything there is, or what is said from now on. */
export type ShadowStart = { readonly position: number } | { readonly time: Date } | 'everything' | 'now';

/**
 * Makes the durable consumer of a shadow, as an operator: a function may not. Without a start, a shadow of the same model
 * and bot goes on where it stopped; with one, it begins anew there. Fails with `shadow.running` where one runs.
 */
export async function provisionShadow(
  nc: NatsConnection,
  { model, bot, start }: { readonly model: string; readonly bot: string; readonly start?: ShadowStart },
): Promise<'made' | 'goes on'> {
  const jsm = await jetstreamManager(nc);
  let before;
  for await (const info of jsm.consumers.list(CONVERSATIONS)) if (info.name === SHADOW_DURABLE) before = info;
  if (before && before.num_waiting > 0) {
    throw new PlatformError('shadow.running', 'another shadow runs; one model can be tried out at a time', {
      retry: 'later',
    });
  }
  const { metadata } = before?.config ?? {};
  if (!start && metadata?.['model'] === model && metadata['bot'] === bot) return 'goes on';
  if (before) await jsm.consumers.delete(CONVERSATIONS, SHADOW_DURABLE);
  await jsm.consumers.add(CONVERSATIONS, {
    durable_name: SHADOW_DURABLE,
    ack_policy: AckPolicy.Explicit,
    filter_subject: typeSubject('utterance.received'),
    max_deliver: -1,
    max_ack_pending: 1_000,
    metadata: { model, bot },
    ...beginning(start ?? 'now'),
  });
  return 'made';
}

function beginning(start: ShadowStart): Partial<ConsumerConfig> {
  if (start === 'everything') return { deliver_policy: DeliverPolicy.All };
  if (start === 'now') return { deliver_policy: DeliverPolicy.New };
  if ('time' in start) {
    return { deliver_policy: DeliverPolicy.StartTime, opt_start_time: start.time.toISOString() };
  }
  return { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: Math.max(1, start.position) };
}
