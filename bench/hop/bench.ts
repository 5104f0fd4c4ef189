import { AckPolicy, jetstream, jetstreamManager, type StreamConfig } from '@nats-io/jetstream';
import { headers, type Msg, type MsgHdrs, type NatsConnection } from '@nats-io/nats-core';
import { number, paint } from '../../cli/terminal.ts';
import { policyDecided } from '../../events/decision.ts';
import { tailOf } from '../../shared/log/append.ts';
import { jetstreamLog } from '../../shared/log/jetstream.ts';
import { provision } from '../../shared/log/provision.ts';
import { readSession } from '../../shared/log/read.ts';
import { requests } from '../../shared/log/requests.ts';
import { rawHeaders } from '../../shared/log/wire.ts';
import { startBroker } from '../../shared/testing/broker.ts';
import { saying } from '../../shared/testing/rig.ts';
import { A_NUMBER, type Bench, type BenchContext, type Figure } from '../lib/bench.ts';
import { cpuMicros, ownCpuOf } from '../lib/cpu.ts';
import { eventOf } from '../lib/events.ts';
import { storyOf } from '../lib/story.ts';

const LANES = 64;
/** A body as long as that of a middling event. */
const BODY = Buffer.from(JSON.stringify({ text: 'x'.repeat(180), locale: 'en', channel: 'web' }));

/** What one operation costs on the client and on the server. */
export const hop: Bench = {
  name: 'hop',
  summary: 'processor time of one append, read and delivery, on the client and on nats-server',
  options: { count: { help: 'operations of each kind', default: '20000', like: A_NUMBER } },

  async run(context) {
    const count = context.quick ? 2_000 : Number(context.option('count'));
    const broker = await startBroker();
    context.atEnd(() => broker.stop());
    const nc = await broker.nc({ noAsyncTraces: true });
    await provision(nc, { replicas: 1, durables: [] });
    const jsm = await jetstreamManager(nc);
    const stream = (name: string, over: Partial<StreamConfig> = {}) =>
      jsm.streams.add({ name, subjects: [`${name.toLowerCase()}.>`], storage: 'file', allow_direct: true, ...over });
    await stream('PLAIN');
    await stream('RUNG', { republish: { src: 'rung.>', dest: 'hop-bell.>' } });

    const figures: Figure[] = [];
    const measure = async (name: string, lane: (lane: number, times: number) => Promise<void>, times = count) => {
      await inLanes(lane, Math.ceil(times / 10));
      const serverBefore = cpuMicros(broker.pid());
      const began = performance.now();
      const { micros } = await ownCpuOf(() => inLanes(lane, times));
      const perSecond = (times / (performance.now() - began)) * 1_000;
      const server = (cpuMicros(broker.pid()) - serverBefore) / times;
      const client = micros / times;
      figures.push(
        { name: `${name}, client`, value: client, unit: 'µs' },
        { name: `${name}, server`, value: server, unit: 'µs' },
      );
      context.say(
        `${name.padEnd(46)} client ${client.toFixed(0).padStart(4)} µs   server ${server.toFixed(0).padStart(4)} µs   ${paint('dim', `${number(Math.round(perSecond))}/s`)}`,
      );
    };

    await appends(nc, measure);
    await reads(nc, context, measure);
    await deliveries(nc, count, measure);
    return { durability: 'R1, sync default (every two minutes)', figures };
  },
};

type Measure = (name: string, lane: (lane: number, times: number) => Promise<void>, times?: number) => Promise<void>;

/** From the client library's own publish to what the log does, one difference after the other. */
async function appends(nc: NatsConnection, measure: Measure): Promise<void> {
  const js = jetstream(nc);
  const send = requests(nc);
  let serial = 0;
  const id = () => `hop${(serial++).toString(36)}`;
  const objects = (): MsgHdrs => {
    const hdrs = headers();
    for (const [key, value] of attributes(id())) hdrs.set(key, value);
    return hdrs;
  };
  const block = (more = '') =>
    rawHeaders(
      `NATS/1.0\r\n${attributes(id())
        .map(([key, value]) => `${key}: ${value}\r\n`)
        .join('')}${more}\r\n`,
    );
  const expecting = (subject: string, last: number) =>
    block(
      `Nats-Expected-Last-Subject-Sequence: ${last}\r\nNats-Expected-Last-Subject-Sequence-Subject: ${subject}\r\n`,
    );
  const repeat = (act: (lane: number) => Promise<unknown>) => async (lane: number, times: number) => {
    for (let i = 0; i < times; i++) await act(lane);
  };
  const positionOf = (answer: Msg) => answer.json<{ readonly seq: number }>().seq;

  await measure(
    'append, js.publish',
    repeat((lane) => js.publish(`plain.a.${lane}`, BODY, { headers: objects() })),
  );
  await measure(
    'append, own requests, header objects',
    repeat((lane) => send.one(`plain.b.${lane}`, BODY, objects())),
  );
  await measure(
    'append, own requests, raw headers',
    repeat((lane) => send.one(`plain.c.${lane}`, BODY, block())),
  );
  const last = new Map<string, number>();
  const chained = (prefix: string) =>
    repeat(async (lane) => {
      const session = `${prefix}.${lane}`;
      const answer = await send.one(`${session}.a`, BODY, expecting(`${session}.>`, last.get(session) ?? 0));
      last.set(session, positionOf(answer));
    });
  await measure('the same, expecting the last of the session', chained('plain.d'));
  await measure('the same, republished', chained('rung.d'));
}

async function reads(nc: NatsConnection, { quick }: BenchContext, measure: Measure): Promise<void> {
  const log = jetstreamLog(nc);
  const stories = Array.from({ length: LANES }, () => storyOf(log, quick ? 20 : 50));
  await Promise.all(
    stories.map(async (story) => {
      while (await story.next());
    }),
  );
  const sessions = await Promise.all(
    stories.map(async ({ ref }) => ({ ref, positions: (await readSession(log, ref)).map((s) => s.position) })),
  );
  const each =
    (act: (session: (typeof sessions)[number], i: number) => Promise<unknown>) =>
    async (lane: number, times: number) => {
      const session = sessions[lane];
      for (let i = 0; session && i < times; i++) await act(session, i);
    };
  const tail = tailOf(log);
  await measure(
    'append of the log, as shipped',
    each(({ ref }) => tail.append(eventOf(ref, saying('hello there')))),
  );
  await measure(
    'get by position',
    each(({ ref, positions }, i) => log.at(ref, positions[i % positions.length] ?? 0)),
  );
  await measure(
    'newest event of each of 6 types',
    each(({ ref }) => log.latest(ref)),
  );
}

async function deliveries(nc: NatsConnection, count: number, measure: Measure): Promise<void> {
  const jsm = await jetstreamManager(nc);
  const total = Math.ceil(count * 1.2) + LANES * 2;
  await jsm.consumers.add('RUNG', {
    durable_name: 'hop',
    ack_policy: AckPolicy.Explicit,
    filter_subject: 'rung.>',
    max_ack_pending: 10_000,
  });
  const send = requests(nc);
  const { state } = await jsm.streams.info('RUNG');
  for (let i = state.messages; i < total; i += 500) {
    await Promise.all(Array.from({ length: 500 }, (_, k) => send.one(`rung.e.${k}`, BODY)));
  }
  const consumer = await jetstream(nc).consumers.get('RUNG', 'hop');
  const messages = await consumer.consume({ max_messages: 128 });
  const next = messages[Symbol.asyncIterator]();
  await measure('consume and acknowledge', async (lane, times) => {
    // One stream of deliveries for all: the first lane takes those of the others too.
    if (lane > 0) return;
    for (let i = 0; i < times * LANES; i++) {
      const delivered = await next.next();
      if (delivered.done) return;
      delivered.value.ack();
    }
    await nc.flush();
  });
}

const attributes = (id: string): readonly (readonly [string, string])[] => [
  ['Nats-Msg-Id', id],
  ['ce-specversion', '1.0'],
  ['ce-id', id],
  ['ce-type', policyDecided.type],
  ['ce-source', 'policy'],
  ['ce-time', '2026-01-01T00:00:00.000Z'],
  ['ce-subject', '01JGFJJZ00000000000000000A'],
  ['ce-tenant', 'acme'],
  ['ce-causation', id],
  ['content-type', 'application/json'],
  ['traceparent', '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00'],
];

/** Splits a number of operations over lanes that run side by side. */
async function inLanes(lane: (lane: number, times: number) => Promise<void>, total: number): Promise<void> {
  const each = Math.ceil(total / LANES);
  await Promise.all(Array.from({ length: LANES }, (_, i) => lane(i, each)));
}
