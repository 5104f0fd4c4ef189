import { expect } from 'vitest';
import type { NatsConnection } from '@nats-io/nats-core';
import type { EventId } from '../../events/envelope.ts';
import { sessionOpened } from '../../events/session.ts';
import { utteranceReceived } from '../../events/understanding.ts';
import type { Bot } from '../../shared/bot/bot.ts';
import { publishBot } from '../../shared/bot/store.ts';
import { versioned, type ArticleId, type BaseName } from '../../shared/knowledge/article.ts';
import { knowledgeStore } from '../../shared/knowledge/store.ts';
import { tailOf } from '../../shared/log/append.ts';
import { jetstreamLog } from '../../shared/log/jetstream.ts';
import type { Log, SessionRef, Stored } from '../../shared/log/log.ts';
import { provision } from '../../shared/log/provision.ts';
import { readSession } from '../../shared/log/read.ts';
import { provisionTicks } from '../../shared/log/timers.ts';
import { unwatched } from '../../shared/runtime/host.ts';
import { endingOf } from '../../shared/runtime/place.ts';
import { readTenants } from '../../shared/tenancy/tenants.ts';
import { startBroker, type TestServer } from '../../shared/testing/broker.ts';
import { incoming, newSession, TENANT } from '../../shared/testing/rig.ts';
import { entityPorts } from '../entity/model.ts';
import { hostGroups, type PortsOf } from '../host.ts';
import { durablesOf, groupsOf } from '../index.ts';
import { knowledgePorts } from '../knowledge/model.ts';
import { DESK_FILES, deskBot } from '../policy/testing/desk-bot.ts';
import { replyPorts } from '../reply/ports.ts';
import { startModelServer, type ModelServer } from './model-server.fixture.ts';
import { generatePorts } from './ports.ts';

/** A bot that has a language model put passages into words, and choose between close wishes. */
export const bot: Bot = deskBot({
  bot: `${DESK_FILES.bot}knowledge: generated\nunsure: model\nnever_say: [CheapShop]\n`,
});

/** A whole platform around a stand-in for a language model, on a real log. */
export interface Turns {
  readonly broker: TestServer;
  readonly nc: NatsConnection;
  readonly log: Log;
  readonly server: ModelServer;
  /** A customer says something in a session of their own, or in this one; everything that stands in it in the end. */
  readonly say: (text: string, locale: string, ref?: SessionRef) => Promise<readonly Stored[]>;
  readonly open: () => Promise<SessionRef>;
  readonly publish: (id: string, locale: string, title: string, text: string) => Promise<void>;
  readonly stop: () => Promise<void>;
}

export interface TurnsOptions {
  readonly tokensPerDay?: number;
}

/** Starts everything and resolves when it is ready. What mentions an order could be two things, all else is unknown. */
export async function startTurns({ tokensPerDay = 1_000_000 }: TurnsOptions = {}): Promise<Turns> {
  const broker = await startBroker();
  const server = await startModelServer((response) => response.destroy());
  const nc = await broker.nc();
  const groups = groupsOf('chained');
  await provision(nc, { replicas: 1, durables: durablesOf(groups) });
  await provisionTicks(nc);
  await publishBot(nc, bot);
  const languageModel = { url: server.base, model: 'stand-in', tokensPerDay, allowPrivate: true };
  const tenants = readTenants({ tenants: { [TENANT]: { bot: bot.name } }, languageModel });
  const running = await hostGroups({
    nc,
    groups,
    portsOf,
    tenants,
    watching: { telemetry: unwatched, deadLetters: (keep) => keep },
    concurrency: 16,
    sessionCache: 100,
  });
  const log = jetstreamLog(nc);
  const tail = tailOf(log);
  const named = { name: bot.name, hash: bot.hash };
  const open = async () => {
    const ref = newSession();
    await tail.append(incoming(ref, sessionOpened({ channel: 'web', bot: named })));
    return ref;
  };
  return {
    broker,
    nc,
    log,
    server,
    open,
    async say(text, locale, given) {
      const ref = given ?? (await open());
      const event = incoming(ref, utteranceReceived({ text, locale, channel: 'web', bot: named }), {
        time: new Date().toISOString(),
      });
      await tail.append(event);
      return ended(log, ref, event.id);
    },
    async publish(id, locale, title, text) {
      const article = { id: id as ArticleId, locale, title, questions: [], passages: [{ headings: [], text }] };
      await knowledgeStore(nc).publish({ tenant: TENANT, base: 'shop' as BaseName }, versioned(article));
    },
    async stop() {
      await running.stop();
      await server.close();
      await broker.stop();
    },
  };
}

const portsOf: PortsOf = (nc, botOf, _models, tenants) => ({
  ...replyPorts(nc, botOf),
  ...entityPorts(botOf),
  ...knowledgePorts(nc),
  ...generatePorts(nc, botOf, tenants),
  intentsOf: () =>
    Promise.resolve({
      threshold: 0.6,
      intents: new Set(bot.intents.map(({ name }) => name)),
      classifier: {
        model: 'keywords@1',
        classify: (text: string) =>
          /order|订单/u.test(text)
            ? [
                { intent: 'track', confidence: 0.55 },
                { intent: 'refund', confidence: 0.52 },
              ]
            : [],
      },
    }),
});

async function ended(log: Log, ref: SessionRef, turn: EventId): Promise<readonly Stored[]> {
  let events: readonly Stored[] = [];
  const isOver = async () => {
    events = await readSession(log, ref);
    return endingOf(turn, events) !== undefined;
  };
  await expect.poll(isOver, { timeout: 12_000, interval: 15, message: 'the turn has not ended' }).toBe(true);
  return events;
}

/** What the customer was told last. */
export const told = (events: readonly Stored[]): string | undefined =>
  events
    .filter(({ envelope }) => envelope.type.startsWith('turn.'))
    .map(({ envelope }) => (envelope.data as { messages?: readonly { text: string }[] }).messages ?? [])
    .at(-1)
    ?.map(({ text }) => text)
    .join('\n');

/** What stands in the log about the model. */
export const outcome = (events: readonly Stored[]): unknown =>
  events.findLast(({ envelope: { type } }) => /^answer\.|^flow\./u.test(type))?.envelope.data;
