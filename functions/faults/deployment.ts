import type { NatsConnection } from '@nats-io/nats-core';
import { expect } from 'vitest';
import type { EventId } from '../../events/envelope.ts';
import { sessionOpened } from '../../events/session.ts';
import { utteranceReceived } from '../../events/understanding.ts';
import type { Bot } from '../../shared/bot/bot.ts';
import { canonicalBot } from '../../shared/bot/canonical.ts';
import { publishBot } from '../../shared/bot/store.ts';
import { tailOf } from '../../shared/log/append.ts';
import { jetstreamLog } from '../../shared/log/jetstream.ts';
import type { Log, SessionRef, Stored } from '../../shared/log/log.ts';
import { provision } from '../../shared/log/provision.ts';
import { readSession } from '../../shared/log/read.ts';
import { provisionTicks } from '../../shared/log/timers.ts';
import { endingOf } from '../../shared/runtime/place.ts';
import { testBot } from '../../shared/testing/bot.ts';
import { startBroker, type TestBrokerOptions, type TestServer } from '../../shared/testing/broker.ts';
import { incoming, newSession } from '../../shared/testing/rig.ts';
import { durablesOf, groupsOf, type Hosting } from '../index.ts';
import { POLICY_DIES, POLICY_FAILS, REPLY_FAILS } from './failing.ts';
import { supervise, type Supervised } from './supervised.ts';

const trouble = (name: string, text: string) => ({
  intent: { name, examples: [{ locale: 'en', text }] },
  flow: { id: name, intents: [name], steps: [{ id: '1', kind: 'say', response: 'utter_greet', next: [] }] } as const,
});
const troubles = [
  trouble(POLICY_FAILS, 'let the policy fail'),
  trouble(POLICY_DIES, 'let the policy die'),
  trouble(REPLY_FAILS, 'let the reply fail'),
];

/** The test bot, with questions that are repeated, so that a turn also sets a timer, and with wishes that do harm. */
export const bot: Bot = canonicalBot({
  ...testBot,
  intents: [...testBot.intents, ...troubles.map(({ intent }) => intent)],
  flows: [...testBot.flows, ...troubles.map(({ flow }) => flow)],
  settings: { ...testBot.settings, remindAfterMs: 3_600_000 },
});

/** A whole deployment of real processes on a real server. */
export interface Deployment {
  readonly broker: TestServer;
  readonly nc: NatsConnection;
  readonly log: Log;
  /** The processes of each group. */
  readonly processes: ReadonlyMap<string, readonly Supervised[]>;
  /** Opens a session. */
  readonly open: (talksTo?: Bot) => Promise<SessionRef>;
  /** A customer says something; the id of the turn. */
  readonly say: (ref: SessionRef, text: string, talksTo?: Bot) => Promise<EventId>;
  /** What stands in the log of a session. */
  readonly events: (ref: SessionRef) => Promise<readonly Stored[]>;
  /** Resolves when a turn has ended, with all events of the session. */
  readonly ended: (ref: SessionRef, turn: EventId, withinMs?: number) => Promise<readonly Stored[]>;
  readonly stop: () => Promise<void>;
}

export interface DeploymentOptions extends TestBrokerOptions {
  readonly hosting: Hosting;
  /** How soon the server takes a delivery for lost. */
  readonly ackWaitMs: number;
  /** Processes of each group. */
  readonly replicas?: number;
}

/** Starts everything and resolves when it is ready. */
export async function deploy({ hosting, ackWaitMs, replicas = 1, ...server }: DeploymentOptions): Promise<Deployment> {
  const broker = await startBroker(server);
  const nc = await broker.nc();
  const groups = groupsOf(hosting);
  const durables = durablesOf(groups).map((durable) => ({ ...durable, ackWaitMs }));
  await provision(nc, { replicas: 1, durables });
  await provisionTicks(nc);
  await publishBot(nc, bot);
  const log = jetstreamLog(nc);
  const tail = tailOf(log);
  const env = { TURNSTREAM_NATS_URL: broker.url };
  const processes = new Map(
    groups.map(({ name }) => [
      name,
      Array.from({ length: replicas }, () => supervise('process.ts', ['--group', name], env)),
    ]),
  );
  const all = [...processes.values()].flat();
  await Promise.all(all.map((p) => p.ready()));

  const refOf = ({ name, hash }: Bot) => ({ name, hash });
  return {
    broker,
    nc,
    log,
    processes,
    async open(talksTo = bot) {
      const ref = newSession();
      await tail.append(incoming(ref, sessionOpened({ channel: 'test', bot: refOf(talksTo) })));
      return ref;
    },
    async say(ref, text, talksTo = bot) {
      const said = utteranceReceived({ text, locale: 'en', channel: 'test', bot: refOf(talksTo) });
      const event = incoming(ref, said);
      await tail.append(event);
      return event.id;
    },
    events: (ref) => readSession(log, ref),
    async ended(ref, turn, withinMs = 15_000) {
      let events: readonly Stored[] = [];
      const isOver = async () => {
        events = await readSession(log, ref).catch(() => events);
        return endingOf(turn, events) !== undefined;
      };
      await expect.poll(isOver, { timeout: withinMs, interval: 15, message: 'the turn has not ended' }).toBe(true);
      return events;
    },
    async stop() {
      await Promise.all(all.map((p) => p.stop()));
      await broker.stop();
    },
  };
}
