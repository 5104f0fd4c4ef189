import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NatsConnection } from '@nats-io/nats-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { EventId } from '../../events/envelope.ts';
import { sessionOpened } from '../../events/session.ts';
import { utteranceReceived } from '../../events/understanding.ts';
import type { Bot } from '../../shared/bot/bot.ts';
import { publishBot } from '../../shared/bot/store.ts';
import { startExamples, type Examples } from '../../shared/examples/start.ts';
import { tailOf } from '../../shared/log/append.ts';
import { register } from '../../shared/log/register.ts';
import { TIMERS } from '../../shared/log/streams.ts';
import { jetstreamLog } from '../../shared/log/jetstream.ts';
import type { Stored } from '../../shared/log/log.ts';
import { provision } from '../../shared/log/provision.ts';
import { readSession } from '../../shared/log/read.ts';
import { provisionTicks, tickHost } from '../../shared/log/timers.ts';
import { derivedId } from '../../shared/runtime/ids.ts';
import { endingOf } from '../../shared/runtime/place.ts';
import type { Running } from '../../shared/runtime/pull.ts';
import { readTenants } from '../../shared/tenancy/tenants.ts';
import { startBroker, type TestServer } from '../../shared/testing/broker.ts';
import { incoming, newSession, TENANT } from '../../shared/testing/rig.ts';
import { checkSession } from '../../shared/verify/invariants.ts';
import { supervise, type Supervised } from '../faults/supervised.ts';
import { hostGroups } from '../host.ts';
import { durablesOf, groupsOf } from '../index.ts';
import { replyPorts } from '../reply/ports.ts';
import { unwatched } from '../../shared/runtime/host.ts';
import { actionPorts } from './ports.ts';
import { actingBot, SECRET } from './testing.ts';

const TIMEOUT = { timeout: 60_000 };
const ACK_WAIT_MS = 700;
/** Patient enough for a process that has to be started again on a busy machine. */
const bot = actingBot({ deadline: '20s' });
const hurried = actingBot({ deadline: '4s' });
process.env['TEST_ACTIONS_SECRET'] = SECRET;
process.env['TEST_ORDERS_KEY'] = 'key-of-orders';

/** Stands in for the models: the intents and entities of what is said in these tests. */
const KEYWORDS: readonly (readonly [RegExp, string])[] = [
  [/status|订单状态/u, 'order_status'],
  [/refund|退款/u, 'refund'],
  [/yes|好的/u, 'affirm'],
];
const understanding = {
  intentsOf: () =>
    Promise.resolve({
      threshold: 0.5,
      intents: new Set(bot.intents.map(({ name }) => name)),
      classifier: {
        model: 'keywords@1',
        classify: (text: string) =>
          KEYWORDS.filter(([word]) => word.test(text)).map(([, intent]) => ({ intent, confidence: 0.9 })),
      },
    }),
  entitiesOf: () =>
    Promise.resolve({
      model: 'keywords@1',
      extract: (text: string) =>
        [...text.matchAll(/(?<order_number>TS\d{4})|\b(?<amount>\d{1,3})\b/gu)].map((m) => {
          const entity = m.groups?.['order_number'] === undefined ? 'amount' : 'order_number';
          return { entity, value: m[0], start: m.index, end: m.index + m[0].length };
        }),
    }),
};

let broker: TestServer;
let nc: NatsConnection;
let examples: Examples;
let dir: string;
const started: (Running | Supervised)[] = [];

beforeAll(async () => {
  broker = await startBroker();
  nc = await broker.nc();
  const durables = durablesOf(groupsOf('chained')).map((durable) => ({ ...durable, ackWaitMs: ACK_WAIT_MS }));
  await provision(nc, { replicas: 1, durables });
  await provisionTicks(nc);
  await publishBot(nc, bot);
  await publishBot(nc, hurried);
  examples = await startExamples({ port: 0, secret: SECRET });
  dir = await mkdtemp(join(tmpdir(), 'turnstream-action-'));
  await writeFile(join(dir, 'tenants.json'), JSON.stringify(tenants()));
  const idOf = (decision: EventId) => derivedId(decision, 'timer', 0);
  await tickHost(nc, tailOf(jetstreamLog(nc)), idOf, () => new Date());
}, 60_000);
afterEach(async () => {
  for (const each of started.splice(0)) await each.stop();
});
afterAll(async () => {
  await examples.stop();
  await broker.stop();
  await rm(dir, { recursive: true });
});

const tenants = () => ({
  tenants: {
    [TENANT]: {
      bot: 'desk',
      actions: {
        url: examples.url,
        secretFrom: 'TEST_ACTIONS_SECRET',
        headers: { orders: 'TEST_ORDERS_KEY' },
        allowPrivate: true,
      },
    },
  },
});

async function host(name: string): Promise<void> {
  const groups = groupsOf('chained').filter((group) => group.name === name);
  const running = await hostGroups({
    nc: await broker.nc(),
    groups,
    portsOf: (on, botOf) => ({
      ...understanding,
      ...replyPorts(on, botOf),
      ...actionPorts(botOf, readTenants(tenants())),
    }),
    watching: { telemetry: unwatched, deadLetters: (keep) => keep },
    concurrency: 16,
    sessionCache: 1_000,
  });
  started.push(running);
}

function outsideProcess(...first: readonly string[]): Supervised {
  const env = { TURNSTREAM_NATS_URL: broker.url, TURNSTREAM_TENANTS: join(dir, 'tenants.json') };
  const supervised = supervise('process.ts', ['--group', 'outside'], env, first);
  started.push(supervised);
  return supervised;
}

/** A conversation through the log; each thing that is said waits for its turn to end. */
async function converse(locale: string, ...texts: readonly string[]) {
  return converseWith(bot, locale, ...texts);
}

async function converseWith({ name, hash }: Bot, locale: string, ...texts: readonly string[]) {
  const refOfBot = { name, hash };
  const log = jetstreamLog(nc);
  const tail = tailOf(log);
  const ref = newSession();
  const now = () => ({ time: new Date().toISOString() });
  await tail.append(incoming(ref, sessionOpened({ channel: 'test', bot: refOfBot, locale }), now()));
  const told: string[] = [];
  for (const text of texts) {
    const said = incoming(ref, utteranceReceived({ text, locale, channel: 'test', bot: refOfBot }), now());
    await tail.append(said);
    const ended = () => readSession(log, ref).then((events) => endingOf(said.id, events));
    await expect.poll(ended, { timeout: 40_000, interval: 20 }).toBeDefined();
    const { messages = [] } = (await ended())?.envelope.data as { messages?: readonly { text: string }[] };
    told.push(messages.map((m) => m.text).join('\n'));
  }
  return { ref, told, events: await readSession(log, ref) };
}

const typesIn = (events: readonly Stored[]): readonly string[] => events.map(({ envelope }) => envelope.type);
/** What a durable consumer hands out, or has handed out. */
async function givenTo(durable: string): Promise<number> {
  const reply = await nc.request(`$JS.API.CONSUMER.INFO.CONV.${durable}`);
  const info = reply.json<{ delivered: { consumer_seq: number }; num_pending: number }>();
  return info.delivered.consumer_seq + info.num_pending;
}

describe('a turn that needs the systems of the shop', TIMEOUT, () => {
  it.each([
    ['en', ['what is the status of my order', 'TS0002'], ['Which order?', 'It is shipped.']],
    ['zh', ['订单状态怎么样了', 'TS0002'], ['哪个订单？', '状态：shipped。']],
    ['en', ['the status of TS0009'], ['It is unknown.']],
  ])('asks, and answers with what they say: %s', async (locale, says, answers) => {
    await host('turn');
    await host('outside');
    const { told, events } = await converse(locale, ...says);
    expect(told).toEqual(answers);
    expect(typesIn(events).slice(-3)).toEqual(['action.completed', 'policy.decided', 'turn.replied']);
    expect(checkSession(events)).toEqual([]);
  });

  it('leaves the server one timer, of the last decision', async () => {
    await host('turn');
    await host('outside');
    const { ref, events } = await converse('en', 'what is the status of my order', 'TS0002', 'the status of TS0009');
    const last = events.findLast(({ envelope }) => envelope.type === 'policy.decided');
    const running = await register(nc, TIMERS).subjects(`timer.*.${ref.tenant}.${ref.session}.>`);
    expect(running.map((subject) => subject.split('.').at(-1))).toEqual([last?.envelope.id]);
  });

  it('refunds once, and says so', async () => {
    await host('turn');
    await host('outside');
    const before = examples.refunds.length;
    const { told } = await converse('zh', '我要退款 TS0001', '30', '好的');
    expect(told.at(-1)).toBe('已退 30 元。');
    expect(examples.refunds.slice(before)).toMatchObject([{ order: 'TS0001', amount: 30 }]);
  });

  it.each([
    ['en', ['refund TS0009', '20', 'yes'], 'The refund failed: ask again later.'],
    ['zh', ['我要退款 TS0009', '20', '好的'], '退款没成功，请稍后再试。'],
  ])('says that it did not work where the shop says no: %s', async (locale, says, answer) => {
    await host('turn');
    await host('outside');
    const { told, events } = await converse(locale, ...says);
    expect(told.at(-1)).toBe(answer);
    const failed = events.find(({ envelope }) => envelope.type === 'action.failed');
    expect(failed?.envelope.data).toEqual({ action: 'action_refund', reason: 'refused' });
  });
});

describe('a turn that needs nobody', TIMEOUT, () => {
  it('costs no delivery to those who wait for others', async () => {
    await host('turn');
    const before = await givenTo('ts-outside');
    const { told, ref } = await converse('en', 'refund');
    expect(told).toEqual(['Which order?']);
    expect(ref).toBeDefined();
    expect(await givenTo('ts-outside')).toBe(before);
  });
});

describe('a process that dies over an action', TIMEOUT, () => {
  it.each(['react.before-handle', 'react.after-handle', 'react.after-append', 'pull.before-ack'])(
    'at %s has it done once, and the customer is told once',
    async (failpoint) => {
      await host('turn');
      const outside = outsideProcess('--failpoint', failpoint);
      await outside.ready();
      const before = examples.refunds.length;
      const { told, events } = await converse('en', 'refund TS0003', '40', 'yes');
      expect(told.at(-1)).toBe('Refunded 40.');
      await expect.poll(outside.deaths, { timeout: 10_000 }).toBe(1);
      expect(examples.refunds.slice(before)).toMatchObject([{ order: 'TS0003', amount: 40 }]);
      expect(typesIn(events).filter((type) => type === 'action.completed')).toHaveLength(1);
      expect(checkSession(events)).toEqual([]);
    },
  );
});

describe('a turn whose action nobody does', TIMEOUT, () => {
  it('is answered once the time is over, and the action is not done behind the customer’s back', async () => {
    await host('turn');
    const before = examples.refunds.length;
    const { told, events, ref } = await converseWith(hurried, 'en', 'refund TS0004', '50', 'yes');
    expect(told.at(-1)).toBe('The refund failed: ask again later.');
    expect(typesIn(events)).toContain('timer.fired');
    await host('outside');
    const log = jetstreamLog(nc);
    await expect.poll(() => readSession(log, ref).then(typesIn), { timeout: 10_000 }).toContain('action.failed');
    expect(examples.refunds.slice(before)).toEqual([]);
  });
});
