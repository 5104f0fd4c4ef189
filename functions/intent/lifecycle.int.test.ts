import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NatsConnection } from '@nats-io/nats-core';
import { artefactsOn } from '../../shared/models/artefacts.ts';
import { promotionsOf, type ModelPromoted } from '../../shared/models/promotions.ts';
import { examplesOf, publishModel } from '../../shared/models/publish.ts';
import { shareOf, type ModelWatch } from '../../shared/models/watch.ts';
import { provision } from '../../shared/log/provision.ts';
import { register } from '../../shared/log/register.ts';
import { ARTEFACTS } from '../../shared/log/streams.ts';
import { encodeModel } from '../../shared/nlu/model/encode.ts';
import { trainIntentModel } from '../../shared/nlu/model/intent-model.ts';
import { startBroker, type TestServer } from '../../shared/testing/broker.ts';
import { newSession } from '../../shared/testing/rig.ts';
import { groupRole, shadowRole } from '../../shared/access/roles.ts';
import { groupsOf } from '../index.ts';
import { bot, deploy, type Deployment } from '../faults/deployment.ts';
import { servedModels } from './served.ts';
import { modelName } from './trained.ts';

/** Models of the same bot that differ in their seed, so that their bytes do. */
const modelOf = (seed: number): Uint8Array => encodeModel(trainIntentModel(examplesOf(bot), { seed }));
const chosen = (model: string, canary?: ModelPromoted['canary']): Omit<ModelPromoted, 'bot'> => ({
  model,
  ...(canary && { canary }),
  how: 'promoted',
  by: 'olga',
  reason: 'a test',
});

async function promote(nc: NatsConnection, promotion: Omit<ModelPromoted, 'bot'>): Promise<void> {
  const promotions = promotionsOf(nc, bot.name);
  await promotions.promote(promotion, (await promotions.history()).at(-1)?.position ?? 0);
}

describe.each(['chained', 'hop-by-hop'] as const)('a deployment of real processes, %s,', (hosting) => {
  let d: Deployment;
  beforeAll(async () => {
    d = await deploy({ hosting, ackWaitMs: 5_000, replicas: 2 });
  }, 60_000);
  afterAll(() => d.stop());

  const decidedBy = (events: Awaited<ReturnType<Deployment['ended']>>, turn: string) =>
    events.flatMap(({ envelope }) =>
      envelope.turn === turn && envelope.type.startsWith('intent.') ? [(envelope.data as { model: string }).model] : [],
    );

  it(
    'follows a promotion under load: no turn is lost, and a second later every one is by the new model',
    { timeout: 90_000 },
    async () => {
      const { model: old } = await publishModel(d.nc, bot);
      const next = await artefactsOn(d.nc).put(modelOf(2));
      expect(next).not.toBe(old);
      const refs = await Promise.all(Array.from({ length: 24 }, () => d.open()));
      const turns: { readonly at: number; readonly by: readonly string[]; readonly ended: string }[] = [];
      let promotedAt = Infinity;
      const talk = async (ref: (typeof refs)[number]) => {
        // Until well after the promotion: it is found in the log by then, whatever the machine has to do.
        while (performance.now() < promotedAt + 2_500) {
          const at = performance.now();
          const turn = await d.say(ref, 'hello');
          const events = await d.ended(ref, turn, 30_000);
          const ended = events.find(({ envelope }) => envelope.turn === turn && envelope.type.startsWith('turn.'));
          turns.push({ at, by: decidedBy(events, turn), ended: ended?.envelope.type ?? 'none' });
          if (turns.length === 60) {
            await promote(d.nc, chosen(next));
            promotedAt = performance.now();
          }
        }
      };
      await Promise.all(refs.map(talk));
      expect(turns.filter(({ ended }) => ended !== 'turn.replied')).toEqual([]);
      expect(turns.every(({ by }) => by.length === 1)).toBe(true);
      const before = turns.slice(0, 30);
      const after = turns.filter(({ at }) => at > promotedAt + 1_000);
      expect(new Set(before.flatMap(({ by }) => by))).toEqual(new Set([modelName(old)]));
      expect(after.length).toBeGreaterThan(10);
      expect(new Set(after.flatMap(({ by }) => by))).toEqual(new Set([modelName(next)]));
    },
  );
});

it('no function may promote or store a model, and only what understands may read one', () => {
  const groups = [...groupsOf('chained'), ...groupsOf('hop-by-hop')];
  const roles = [...groups.map(groupRole), ...groups.map(shadowRole)];
  const writes = (subject: string) => /^(?:promoted|trained|artefact|>|\$JS\.API\.CONSUMER\.CREATE)/u.test(subject);
  expect(roles.filter(({ publish }) => publish.some(writes))).toEqual([]);
  const readers = groups
    .map(groupRole)
    .filter(({ publish }) => publish.some((subject) => subject.includes('ARTEFACTS.>')));
  expect(readers.map(({ user }) => user)).toEqual(['turn', 'intent', 'entity']);
});

describe('what serves a bot', () => {
  let server: TestServer;
  let nc: NatsConnection;
  let old: string;
  let told: string[];
  const watch: ModelWatch = {
    serves: (_bot, model, how) => void told.push(`${model} serves, ${how}`),
    refused: (_bot, model, error) => void told.push(`${model} refused: ${(error as { code: string }).code}`),
    trains: () => void told.push('trains'),
    understood: () => undefined,
  };
  const asking = () => ({ tenant: 'acme', session: newSession().session });

  beforeAll(async () => {
    server = await startBroker();
    nc = await server.nc();
    await provision(nc, { replicas: 1, durables: [] });
  });
  afterAll(() => server.stop());

  it('is trained here where there is no model yet, and that is told', async () => {
    told = [];
    const serving = servedModels(nc, watch);
    const { model } = await expect
      .poll(() => serving(bot, asking()).catch(() => undefined), { timeout: 20_000 })
      .toBeDefined()
      .then(() => serving(bot, asking()));
    expect(told).toEqual(['trains', `${model} serves, trained-here`]);
    // The same examples make the same model: what was published later is what served already.
    ({ model: old } = await publishModel(nc, bot));
    expect(modelName(old)).toBe(model);
  });

  it('is asked for while it is made ready: later, and not failed', async () => {
    const slow = { ...bot, hash: 'f'.repeat(32), name: 'slow', intents: manyIntents() };
    await expect(servedModels(nc, watch)(slow, asking())).rejects.toMatchObject({
      code: 'model.not-ready',
      retry: 'later',
    });
  });

  it.each([
    ['missing', () => Promise.resolve('0'.repeat(64)), 'model.missing'],
    ['truncated', () => artefactsOn(nc).put(modelOf(3).subarray(0, 500)), 'model.invalid'],
    ['of another version', () => artefactsOn(nc).put(modelOf(4).with(6, 9)), 'model.invalid'],
    [
      'of another bot',
      () => artefactsOn(nc).put(encodeModel(trainIntentModel([{ text: 'a b', intent: 'x' }], { seed: 1 }))),
      'model.unfit',
    ],
    ['no model', () => artefactsOn(nc).put(Buffer.from('<html>')), 'model.invalid'],
    [
      'damaged in the store',
      async () => {
        const name = await artefactsOn(nc).put(modelOf(5));
        await register(nc, ARTEFACTS).put(`artefact.${name}.0`, modelOf(6));
        return name;
      },
      'model.invalid',
    ],
  ])('goes on where the promoted model is %s, also in a process that starts anew', async (_what, make, code) => {
    told = [];
    const serving = servedModels(nc, watch);
    expect((await serving(bot, asking())).model).toBe(modelName(old));
    const bad = await make();
    await promote(nc, chosen(bad));
    const refusal = `${modelName(bad)} refused: ${code}`;
    await expect.poll(() => told, { timeout: 5_000 }).toContain(refusal);
    expect((await serving(bot, asking())).model).toBe(modelName(old));
    told = [];
    expect((await servedModels(nc, watch)(bot, asking())).model).toBe(modelName(old));
    expect(told).toContain(refusal);
    await promote(nc, chosen(old));
  });

  it('is the canary for its share of the sessions, always the same ones', async () => {
    const canary = await artefactsOn(nc).put(modelOf(7));
    await promote(nc, chosen(old, { model: canary, share: 0.2 }));
    const [one, other] = [servedModels(nc, watch), servedModels(nc, watch)];
    const sessions = Array.from({ length: 1_000 }, asking);
    const by = await Promise.all(sessions.map(async (it) => (await one(bot, it)).model));
    expect(await Promise.all(sessions.map(async (it) => (await other(bot, it)).model))).toEqual(by);
    const share = by.filter((model) => model === modelName(canary)).length / by.length;
    expect(share).toBeGreaterThan(0.15);
    expect(share).toBeLessThan(0.25);
  });

  it('and its canaries grow: who is in a small share is in a larger one', () => {
    const sessions = Array.from({ length: 10_000 }, () => shareOf(newSession().session));
    expect(sessions.every((share) => share >= 0 && share < 1)).toBe(true);
    for (const tenth of [0.1, 0.5, 0.9]) {
      const within = sessions.filter((share) => share < tenth).length / sessions.length;
      expect(Math.abs(within - tenth)).toBeLessThan(0.03);
    }
  });
});

/** Enough to learn that it takes longer than a turn is willing to wait. */
const manyIntents = () =>
  Array.from({ length: 300 }, (_, i) => ({
    name: `intent_${i}`,
    examples: Array.from({ length: 20 }, (_it, k) => ({
      locale: 'en',
      text: `word${i} thing${k} about number ${i * k}`,
    })),
  }));
