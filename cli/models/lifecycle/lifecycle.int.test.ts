import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NatsConnection } from '@nats-io/nats-core';
import { jetstreamManager } from '@nats-io/jetstream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sessionOpened } from '../../../events/session.ts';
import { intentClassified, utteranceReceived } from '../../../events/understanding.ts';
import { SHADOWED } from '../../../functions/intent/shadow.ts';
import { brokerUser, operatorRole, shadowRole } from '../../../shared/access/roles.ts';
import { canonicalBot } from '../../../shared/bot/canonical.ts';
import { publishBot } from '../../../shared/bot/store.ts';
import { jetstreamLog } from '../../../shared/log/jetstream.ts';
import { provision } from '../../../shared/log/provision.ts';
import { tailOf } from '../../../shared/log/append.ts';
import { CONVERSATIONS } from '../../../shared/log/streams.ts';
import { artefactsOn } from '../../../shared/models/artefacts.ts';
import { examplesOf, publishModel } from '../../../shared/models/publish.ts';
import { encodeModel } from '../../../shared/nlu/model/encode.ts';
import { trainIntentModel } from '../../../shared/nlu/model/intent-model.ts';
import { derivedId } from '../../../shared/runtime/ids.ts';
import { testBot } from '../../../shared/testing/bot.ts';
import { startBroker, type TestServer } from '../../../shared/testing/broker.ts';
import { incoming, newSession } from '../../../shared/testing/rig.ts';
import { turnstream, type Ran } from '../../testing.ts';

const bot = canonicalBot(testBot);
const password = 'a password for tests';
const shadowed = shadowRole(SHADOWED);
/** What is said in each session. */
const SAID = ['hello', 'bye', 'where is my parcel', 'a human please', 'hello again', 'xyzzy'] as const;

let server: TestServer;
let nc: NatsConnection;
let dir: string;
let own: string;
/** Knows the same intents, and takes hello for goodbye. */
let confused: string;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'turnstream-lifecycle-'));
  server = await startBroker({ users: [operatorRole, shadowed].map((role) => brokerUser(role, password)) });
  nc = await server.nc({ user: 'operator', pass: password });
  await provision(nc, { replicas: 1, durables: [] });
  await publishBot(nc, bot);
  ({ model: own } = await publishModel(nc, bot));
  await converse();
});
afterAll(async () => {
  await server.stop();
  await rm(dir, { recursive: true });
});

/** Sessions in which the bot's own model has answered what the first three say, as it does. */
async function converse(): Promise<void> {
  const tail = tailOf(jetstreamLog(nc));
  const ref = { name: bot.name, hash: bot.hash };
  for (const [i, text] of SAID.entries()) {
    const session = newSession();
    await tail.append(incoming(session, sessionOpened({ channel: 'test', bot: ref })));
    const said = incoming(session, utteranceReceived({ text, locale: 'en', channel: 'test', bot: ref }));
    await tail.append(said);
    if (i >= 3) continue;
    const intent = ['greet', 'goodbye', 'track_parcel'][i] ?? '';
    const data = { intent, confidence: 1, model: `intents@${own.slice(0, 12)}`, others: [] };
    const id = derivedId(said.id, 'intent', 0);
    await tail.append({
      ...incoming(session, intentClassified(data)),
      id,
      turn: said.id,
      causation: said.id,
      emitter: 'intent',
    });
  }
}

const run = (...args: readonly string[]): Promise<Ran> =>
  turnstream(['models', ...args, '--nats', server.url], {
    env: {
      TURNSTREAM_NATS_USER: 'operator',
      TURNSTREAM_NATS_PASSWORD: password,
      TURNSTREAM_SHADOW_USER: shadowed.user,
      TURNSTREAM_SHADOW_PASSWORD: password,
    },
  });
async function json<T>(...args: readonly string[]): Promise<T & { readonly code: number }> {
  const { code, out, err } = await run(...args, '--json');
  if (out === '') throw new Error(err);
  return { code, ...(JSON.parse(out) as T) };
}
const current = async () => (await json<{ current: string }>('list-versions', '--bot', bot.name)).current;

describe('a model that is tried out', () => {
  it('is added from a file, once it was found whole', async () => {
    const twisted: Readonly<Record<string, string>> = { greet: 'goodbye', goodbye: 'greet' };
    const examples = examplesOf(bot).map(({ text, intent }) => ({
      text: `${text} now`,
      intent: twisted[intent] ?? intent,
    }));
    const file = join(dir, 'confused.model');
    const bytes = encodeModel(trainIntentModel(examples, { seed: 1 }));
    await writeFile(file, bytes);
    const added = await json<{ model: string; intents: number }>('add', file);
    expect(added).toMatchObject({ code: 0, intents: 4 });
    confused = added.model;
    await writeFile(join(dir, 'half.model'), bytes.subarray(0, bytes.length / 2));
    expect(await run('add', join(dir, 'half.model'))).toMatchObject({ code: 1 });
  });

  it(
    'answers what was said before, as a user that can write nothing into a conversation',
    { timeout: 60_000 },
    async () => {
      const jsm = await jetstreamManager(nc);
      const before = (await jsm.streams.info(CONVERSATIONS)).state.last_seq;
      const shadow = (...more: readonly string[]) =>
        json<{ answered: number; skipped: number; left: number }>(
          'shadow',
          '--model',
          confused.slice(0, 10),
          '--bot',
          bot.name,
          '--once',
          ...more,
        );
      expect(await shadow('--from', 'everything')).toMatchObject({
        code: 0,
        answered: SAID.length,
        skipped: 0,
        left: 0,
      });
      // It goes on where it stopped; from a past position it does that part again, and its answers are still one each.
      expect(await shadow()).toMatchObject({ answered: 0, left: 0 });
      expect((await shadow('--from', '3')).answered).toBe(SAID.length - 1);
      expect((await shadow('--from', '2020-01-01')).answered).toBe(SAID.length);
      expect((await jsm.streams.info(CONVERSATIONS)).state.last_seq).toBe(before);
    },
  );

  it('is compared with the one that serves', { timeout: 30_000 }, async () => {
    const found = await json<{
      turns: number;
      onlyA: number;
      onlyB: number;
      agreement: number;
      changed: readonly object[];
      differing: readonly { a?: string; b?: string; session: string }[];
      latencyB: { of: string; p50: number };
    }>('compare', own, confused.slice(0, 8));
    expect(found).toMatchObject({ code: 0, turns: 3, onlyA: 0, onlyB: SAID.length - 3 });
    expect(found.agreement).toBeCloseTo(1 - found.differing.length / 3);
    expect(found.latencyB.of).toBe('classification');
    expect(found.differing.length).toBe(found.changed.length);
    const { out, code } = await run('compare', own, confused);
    expect(code).toBe(0);
    expect(out).toContain('agreement');
    expect((await run('compare', own, '0000')).err).toContain('no stored model begins with 0000');
  });

  it(
    'is promoted where the rules hold, and refused with the numbers where they do not',
    { timeout: 60_000 },
    async () => {
      const test = join(dir, 'test.jsonl');
      const lines = examplesOf(bot).map(({ text, intent }) => JSON.stringify({ text, intent }));
      await writeFile(test, lines.join('\n'));
      const args = ['promote', confused, '--bot', bot.name, '--test', test];
      const refused = await json<{
        promoted: null;
        rules: readonly { measure: string; holds: boolean; measured: number }[];
      }>(...args, '--if', 'turns>=4', '--if', 'accuracy>=0.5');
      expect(refused).toMatchObject({ code: 1, promoted: null });
      expect(refused.rules).toMatchObject([{ measure: 'turns', measured: 3, holds: false }, { measure: 'accuracy' }]);
      expect(await current()).toBe(own);
      expect((await run(...args, '--if', 'agreement>=1.01')).out).toContain('refused');
      expect(await run('promote', confused, '--bot', bot.name, '--if', 'luck>=1')).toMatchObject({ code: 2 });
      expect(await json(...args, '--if', 'turns>=3', '--by', 'olga', '--reason', 'a test')).toMatchObject({
        code: 0,
        promoted: { model: confused, by: 'olga', reason: 'a test' },
      });
      expect(await current()).toBe(confused);
    },
  );

  it('is a canary first, and rolled back step by step', { timeout: 60_000 }, async () => {
    const third = await artefactsOn(nc).put(encodeModel(trainIntentModel(examplesOf(bot), { seed: 9 })));
    expect(await json('promote', third, '--bot', bot.name, '--canary', '10')).toMatchObject({
      promoted: { model: confused, canary: { model: third, share: 0.1 } },
    });
    expect(await json('rollback', '--bot', bot.name)).toMatchObject({ code: 0, promoted: { model: confused } });
    expect(await json('rollback', '--bot', bot.name)).toMatchObject({ code: 0, promoted: { model: own } });
    expect(await run('rollback', '--bot', bot.name)).toMatchObject({ code: 1 });
    const { out } = await run('list-versions', '--bot', bot.name);
    expect(out.split('\n').filter((line) => /^ *→?.*[0-9a-f]{12}/u.test(line)).length).toBe(5);
  });

  it('is refused where it is of another bot', async () => {
    const alien = await artefactsOn(nc).put(encodeModel(trainIntentModel([{ text: 'a b', intent: 'x' }], { seed: 1 })));
    const { code, err } = await run('promote', alien, '--bot', bot.name);
    expect(code).toBe(1);
    expect(err).toContain('does not fit');
    expect(await current()).toBe(own);
  });
});
