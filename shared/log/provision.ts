import { setTimeout as delay } from 'node:timers/promises';
import {
  AckPolicy,
  DeliverPolicy,
  JetStreamApiCodes,
  JetStreamApiError,
  jetstreamManager,
  ReplayPolicy,
  type ConsumerConfig,
  type JetStreamManager,
  type StreamConfig,
} from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { isSupported, MINIMUM } from '../broker/version.ts';
import { PlatformError } from '../errors/index.ts';
import {
  ARCHIVE,
  ARTEFACTS,
  AUDIO,
  BOTS,
  CONVERSATIONS,
  DEAD_LETTERS,
  DEPARTED,
  DESK,
  HEARING,
  KEYS,
  KNOWLEDGE,
  MODELS,
  RECEIPTS,
  SHADOW,
  SPENT,
  SUSPECTS,
  TIMERS,
} from './streams.ts';
import { typeSubject } from './subjects.ts';

/** An import would read every name of the module, and with some of them load what nothing here needs: 1.5 ms of a start. */
const { isDeepStrictEqual } = process.getBuiltinModule('node:util');

const SECOND = 1_000_000_000;
const NOBODY_LEADS = 503;
/** A cluster that has just met does not know all of its servers yet, or is slow to answer. */
const NO_SUITABLE_PEERS = 10_005;
const MEETING_MS = 10_000;
const ASK_AGAIN_MS = 200;
const DAY = 86_400 * SECOND;
const COUNTED_DAYS = 32 * DAY;
/** How long the sound of calls is kept. */
export const AUDIO_KEPT_MS = 600_000;
const AUDIO_KEPT = AUDIO_KEPT_MS * 1_000_000;
/** Of one call: ten minutes of the shortest chunks. */
const CHUNKS_KEPT = 10_000;

/** A durable consumer on the conversations: its name, what it is given, and how long it may take. */
export interface Durable {
  readonly name: string;
  /** Types of events, or ends of their subjects where they have kinds. */
  readonly types: readonly string[];
  readonly ackWaitMs: number;
}

export interface ProvisionOptions {
  /** 1 on a single server; 3 in a cluster. */
  readonly replicas: 1 | 3;
  readonly durables: readonly Durable[];
}

/** The streams of a cell. */
export function streamConfigs(replicas: number): readonly Partial<StreamConfig>[] {
  const common = { num_replicas: replicas, storage: 'file', allow_direct: true } as const;
  return [
    {
      ...common,
      name: CONVERSATIONS,
      subjects: ['conv.>'],
      // Sessions leave as a whole, by purge, never by age. Each remembered id costs memory, and what comes later than
      // this is recognised from the session's state.
      duplicate_window: 60 * SECOND,
      republish: { src: 'conv.>', dest: 'bell.>' },
    },
    { ...common, name: DEAD_LETTERS, subjects: ['dead.>'], max_age: 30 * DAY, duplicate_window: 3_600 * SECOND },
    { ...common, name: TIMERS, subjects: ['timer.>', 'tick.>'], allow_msg_schedules: true, max_age: 30 * DAY },
    { ...common, name: BOTS, subjects: ['bot.*'], max_msgs_per_subject: 1 },
    // No limit for a subject: a key that the server drops by itself stays on disk, and cannot be shredded any more.
    { ...common, name: KEYS, subjects: ['key.*.*'] },
    { ...common, name: DEPARTED, subjects: ['gone.*.*'], max_msgs_per_subject: 1 },
    { ...common, name: ARCHIVE, subjects: ['plan.*', 'kept.*.*', 'sound.*.*'], max_msgs_per_subject: 1 },
    { ...common, name: RECEIPTS, subjects: ['receipt.*.*'] },
    { ...common, name: SUSPECTS, subjects: ['suspect.*.*'], max_msgs_per_subject: 1, max_age: DAY },
    // The newest on a subject counts; the others are its history, which a rollback reads.
    {
      ...common,
      name: MODELS,
      subjects: ['promoted.*.*', 'trained.*', 'tagged.*'],
      republish: { src: 'promoted.>', dest: 'announced.>' },
    },
    { ...common, name: ARTEFACTS, subjects: ['artefact.*', 'artefact.*.*'] },
    { ...common, name: SHADOW, subjects: ['shadow.>'], max_age: 30 * DAY, duplicate_window: 3_600 * SECOND },
    // No limit for a subject: what an answer cited can be looked up, whatever became of the article.
    { ...common, name: KNOWLEDGE, subjects: ['article.*.*.*.*'] },
    // Ten minutes of each call: long enough for those who listen to be away for a while.
    {
      ...common,
      name: AUDIO,
      subjects: ['audio.>'],
      max_age: AUDIO_KEPT,
      max_msgs_per_subject: CHUNKS_KEPT,
      duplicate_window: SECOND,
    },
    {
      ...common,
      name: HEARING,
      subjects: ['hearing.>'],
      max_age: AUDIO_KEPT,
      max_msgs_per_subject: 1,
      duplicate_window: SECOND,
    },
    // What has left the desk stays for a while, so that an earlier decision that is carried out late changes nothing.
    {
      ...common,
      name: DESK,
      subjects: ['desk.*.*'],
      max_msgs_per_subject: 1,
      allow_msg_ttl: true,
      republish: { src: 'desk.>', dest: 'desked.>' },
    },
    // The server adds up by itself, so that any number of processes may count without asking one another.
    {
      ...common,
      name: SPENT,
      subjects: ['spent.*.*'],
      allow_msg_counter: true,
      max_age: COUNTED_DAYS,
      max_msgs_per_subject: 1,
    },
  ];
}

/**
 * Creates or updates the streams and durable consumers of a cell. Run before anything scales: functions hold no
 * permission to create consumers. Fails with `broker.too-old` or `stream.differs` (retry never), because old servers
 * ignore headers and options they do not know without a word.
 */
export async function provision(nc: NatsConnection, { replicas, durables }: ProvisionOptions): Promise<void> {
  refuseOldServer(nc);
  const jsm = await jetstreamManager(nc);
  for (const config of streamConfigs(replicas)) await provisionStream(jsm, config);
  for (const durable of durables) await provisionConsumer(jsm, CONVERSATIONS, durable);
}

/** Refuses a server that lacks what the log rests upon. */
export function refuseOldServer(nc: NatsConnection): void {
  const version = nc.info?.version ?? '0';
  if (isSupported(version)) return;
  const message = `nats-server ${version} is too old: at least ${MINIMUM} is needed`;
  throw new PlatformError('broker.too-old', message, { retry: 'never' });
}

/** Fails with `stream.missing` or `stream.differs` unless the streams of a cell are there and as they are wanted. */
export async function verifyStreams(nc: NatsConnection): Promise<void> {
  refuseOldServer(nc);
  const jsm = await jetstreamManager(nc);
  const { num_replicas: replicas } = await existing(jsm, CONVERSATIONS);
  // All at once: every process does this before its first event.
  const all = streamConfigs(replicas).map(async (wanted) => {
    compare(wanted, await existing(jsm, wanted.name ?? ''));
  });
  await Promise.all(all);
}

async function existing(jsm: JetStreamManager, name: string): Promise<StreamConfig> {
  const info = await jsm.streams.info(name).catch(unless(JetStreamApiCodes.StreamNotFound));
  if (info) return info.config;
  throw new PlatformError('stream.missing', `stream ${name} is not there: run \`turnstream provision\``, {
    retry: 'later',
  });
}

async function provisionStream(jsm: JetStreamManager, wanted: Partial<StreamConfig>): Promise<void> {
  const name = wanted.name ?? '';
  const exists = await jsm.streams.info(name).catch(unless(JetStreamApiCodes.StreamNotFound));
  const make = () =>
    exists ? jsm.streams.update(name, { ...exists.config, ...wanted }) : jsm.streams.add(wanted as StreamConfig);
  try {
    const { config } = await onceMet(make);
    compare(wanted, config);
  } catch (cause) {
    if (!(cause instanceof JetStreamApiError) || cause.status === NOBODY_LEADS) throw cause;
    const message = `stream ${name}: the server refuses what is wanted: ${cause.message}`;
    throw new PlatformError('stream.differs', message, { retry: 'never', cause });
  }
}

async function onceMet<T>(make: () => Promise<T>, deadline = performance.now() + MEETING_MS): Promise<T> {
  try {
    return await make();
  } catch (error) {
    const unanswered = error instanceof Error && error.name === 'TimeoutError';
    const early = unanswered || (error instanceof JetStreamApiError && error.code === NO_SUITABLE_PEERS);
    if (!early || performance.now() > deadline) throw error;
    await delay(ASK_AGAIN_MS);
    return onceMet(make, deadline);
  }
}

/** Only this answer says that there is none; any other failure says nothing. */
const unless =
  (absent: number) =>
  (error: unknown): undefined => {
    if (!(error instanceof JetStreamApiError) || error.code !== absent) throw error;
  };

function compare(wanted: Partial<StreamConfig>, got: StreamConfig): void {
  for (const [key, value] of Object.entries(wanted)) {
    const actual: unknown = got[key as keyof StreamConfig];
    if (isDeepStrictEqual(actual, value)) continue;
    const message = `stream ${got.name}: the server has ${key} ${JSON.stringify(actual)} instead of ${JSON.stringify(value)}`;
    throw new PlatformError('stream.differs', message, { retry: 'never' });
  }
}

async function provisionConsumer(jsm: JetStreamManager, stream: string, durable: Durable): Promise<void> {
  const subjects = durable.types.map(typeSubject);
  const config = {
    durable_name: durable.name,
    ack_policy: AckPolicy.Explicit,
    deliver_policy: DeliverPolicy.All,
    replay_policy: ReplayPolicy.Instant,
    filter_subjects: subjects,
    ack_wait: durable.ackWaitMs * 1_000_000,
    // Giving up is a decision of ours that is written down, never the server's.
    max_deliver: -1,
    max_ack_pending: 10_000,
  } satisfies Partial<ConsumerConfig>;
  const exists = await jsm.consumers.info(stream, durable.name).catch(unless(JetStreamApiCodes.ConsumerNotFound));
  if (exists) await jsm.consumers.update(stream, durable.name, config);
  else await jsm.consumers.add(stream, config);
}
