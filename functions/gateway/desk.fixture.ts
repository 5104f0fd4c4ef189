import type { NatsConnection } from '@nats-io/nats-core';
import { assembleBot } from '../../shared/bot/assemble.ts';
import type { Bot } from '../../shared/bot/bot.ts';
import { describeIssue } from '../../shared/bot/error.ts';
import { deskBook, type DeskBook } from '../../shared/desk/book.ts';
import { tailOf } from '../../shared/log/append.ts';
import { deadLetters } from '../../shared/log/dead-letters.ts';
import { jetstreamLog } from '../../shared/log/jetstream.ts';
import type { Log } from '../../shared/log/log.ts';
import { provision } from '../../shared/log/provision.ts';
import { provisionTicks, tickHost } from '../../shared/log/timers.ts';
import { serve } from '../../shared/http/serve.ts';
import { derivedId } from '../../shared/runtime/ids.ts';
import { pullHost } from '../../shared/runtime/pull.ts';
import { hashOfKey } from '../../shared/tenancy/api-key.ts';
import { readTenants } from '../../shared/tenancy/tenants.ts';
import { AUDIENCE, ISSUER, NOW, testIssuer } from '../../shared/tenancy/tokens.fixture.ts';
import { tokensOf } from '../../shared/tenancy/tokens.ts';
import { startBroker, type TestServer } from '../../shared/testing/broker.ts';
import { keywordPorts, testHost } from '../../shared/testing/rig.ts';
import { durablesOf, groupsOf } from '../index.ts';
import type { Replying } from '../reply/handler.ts';
import { replyPorts } from '../reply/ports.ts';
import { ACME, clientOf, gatewayOn, RIVAL, type Client } from './gateway.fixture.ts';

/** Keys of two agents of `acme`: ann knows about refunds and orders, ben about invoices. */
export const ANN = 'ts_acme_ann-0123456789abcdefghij';
export const BEN = 'ts_acme_ben-0123456789abcdefghij';

const issuer = await testIssuer();
/** A token of somebody of `acme`. */
export const tokenOf = (claims: Record<string, unknown>) => issuer.token(claims);

/** The tenants of `gateway.fixture.ts`, with agents and tokens. */
export const withAgents = readTenants({
  tenants: {
    acme: {
      bot: 'desk',
      keys: [hashOfKey(ACME)],
      agents: {
        ann: { keys: [hashOfKey(ANN)], skills: ['refunds', 'orders'] },
        ben: { keys: [hashOfKey(BEN)], skills: ['invoices'] },
      },
      jwt: { issuer: ISSUER, audience: AUDIENCE, algorithms: ['ES256'], keys: [issuer.publicJwk] },
    },
    rival: { bot: 'desk', keys: [hashOfKey(RIVAL)] },
  },
});

/** What is understood, by a word in it. */
const WORDS: Readonly<Record<string, string>> = {
  ...{ hello: 'greet', 你好: 'greet' },
  ...{ person: 'human', 人工: 'human' },
  ...{ refund: 'refund', 退款: 'refund' },
};

const both = (name: string, en: string, zh: string): string =>
  `  ${name}:\n    - { text: "${en}", metadata: { language: en } }\n    - { text: "${zh}", metadata: { language: zh } }\n`;

/** A bot that hands over when it is asked to, by a rule of a flow, and when it did not understand twice. */
export function deskBot(handOverAfter: string): Bot {
  const bot = assembleBot([
    {
      kind: 'bot',
      file: 'bot.yml',
      text: `name: desk\nlocales: [en, zh]\nthreshold: 0.5\nmisses_before_handoff: 2\nhand_over_after: ${handOverAfter}\n`,
    },
    {
      kind: 'domain',
      file: 'domain.yml',
      text: `version: "3.1"
intents: [greet, human, refund]
slots:
  amount: { type: float, mappings: [{ type: from_text }] }
responses:
${both('utter_default', 'Pardon?', '没听懂。')}${both('utter_greet', 'Hello!', '您好！')}${both('utter_ask_amount', 'How much?', '多少钱？')}${both('utter_refunded', 'Refunded {amount}.', '已退 {amount} 元。')}${both('utter_large', 'A colleague looks at it.', '同事来处理。')}${both('utter_handoff', 'A colleague takes over.', '为您转人工。')}${both('utter_hand_back', 'I am back. {context_agent} told you: {context_agent_said}', '我回来了。{context_agent}刚才说：{context_agent_said}')}`,
    },
    {
      kind: 'flows',
      file: 'flows.yml',
      text: `flows:
  greet:
    nlu_trigger: [{ intent: greet }]
    steps: [{ action: utter_greet }]
  human:
    nlu_trigger: [{ intent: human }]
    steps: [{ action: utter_handoff }, { action: action_human_handoff, skill: orders }]
  refund:
    nlu_trigger: [{ intent: refund }]
    steps:
      - collect: amount
        next:
          - if: slots.amount > 100
            then: [{ action: utter_large }, { action: action_human_handoff, skill: refunds, priority: high }]
          - else: [{ action: utter_refunded }]
`,
    },
    {
      kind: 'nlu',
      file: 'nlu.yml',
      text: `nlu:\n${['greet', 'human', 'refund'].map((i) => `  - intent: ${i}\n    examples: |\n      - ${i}\n`).join('')}`,
    },
  ]);
  if ('hash' in bot) return bot;
  throw new Error(bot.map(describeIssue).join('\n'));
}

/** A platform with a desk: a real server, the functions of a turn, timers and gateways. */
export interface DeskPlatform {
  readonly broker: TestServer;
  readonly nc: NatsConnection;
  readonly log: Log;
  readonly book: DeskBook;
  /** Another gateway process. */
  gateway(): Promise<{ readonly url: string; client(key?: string): Client }>;
  /** The functions, which run from the beginning. `over`: other ports. */
  functions(over?: Partial<Replying>): Promise<{ stop(): Promise<void> }>;
  stop(): Promise<void>;
}

/** Starts it, without functions. */
export async function startDesk(bot: Bot): Promise<DeskPlatform> {
  const broker = await startBroker();
  const nc = await broker.nc();
  const groups = groupsOf('chained');
  await provision(nc, { replicas: 1, durables: durablesOf(groups) });
  await provisionTicks(nc);
  const log = jetstreamLog(nc);
  const book = deskBook(nc);
  const ticks = await tickHost(
    nc,
    tailOf(log),
    (decision) => derivedId(decision, 'timer', 0),
    () => new Date(),
  );
  const stops: (() => Promise<void>)[] = [];
  return {
    broker,
    nc,
    log,
    book,
    async gateway() {
      const own = await broker.nc();
      const { name, hash, locales } = bot;
      const gateway = gatewayOn(jetstreamLog(own), {
        tenants: withAgents,
        tokens: await tokensOf(withAgents, { secret: () => undefined, now: () => NOW }),
        botOf: () => ({ name, hash, locales }),
        desk: deskBook(own),
        limits: { lookMs: 200 },
      });
      const serving = await serve(gateway.app, { port: 0, hostname: '127.0.0.1' });
      const { url } = serving;
      stops.push(() => gateway.close().then(() => serving.close()));
      return { url, client: (key = ACME) => clientOf((path, init) => fetch(url + path, init), key) };
    },
    async functions(over = {}) {
      const ports = { ...keywordPorts, ...understanding(bot), ...replyPorts(nc, () => Promise.resolve(bot)), ...over };
      const host = testHost(log, { bots: () => bot, ports, now: () => new Date() });
      const letters = deadLetters(nc);
      const running = await Promise.all(
        groups.map((group) => pullHost({ nc, group, host, deadLetters: letters, concurrency: 32 })),
      );
      let stopped: Promise<unknown> | undefined;
      const stop = async () => {
        stopped ??= Promise.all(running.map((one) => one.stop()));
        await stopped;
      };
      stops.push(stop);
      return { stop };
    },
    async stop() {
      await Promise.all(stops.map((stop) => stop()));
      await ticks.stop();
      await broker.stop();
    },
  };
}

const understanding = (bot: Bot) => ({
  intentsOf: () =>
    Promise.resolve({
      threshold: 0.5,
      intents: new Set(bot.intents.map(({ name }) => name)),
      classifier: {
        model: 'words@1',
        classify: (text: string) => {
          const word = Object.keys(WORDS).find((w) => text.toLowerCase().includes(w));
          return word ? [{ intent: WORDS[word] ?? '', confidence: 0.9 }] : [];
        },
      },
    }),
});
