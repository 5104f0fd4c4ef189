import { hash } from 'node:crypto';
import type { NatsConnection } from '@nats-io/nats-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { provision } from '../log/provision.ts';
import { register, type Register } from '../log/register.ts';
import { ARTEFACTS } from '../log/streams.ts';
import { startBroker, type TestServer } from '../testing/broker.ts';
import { canonicalBot } from '../bot/canonical.ts';
import { testBot } from '../testing/bot.ts';
import { artefactsOn, type Artefacts } from './artefacts.ts';
import { followPromotions } from './follow.ts';
import { promotionsOf, standing, type ModelPromoted } from './promotions.ts';
import { publishModel } from './publish.ts';

const publishableBot = canonicalBot(testBot);
let server: TestServer;
let nc: NatsConnection;
let artefacts: Artefacts;
let stored: Register;
beforeAll(async () => {
  server = await startBroker();
  nc = await server.nc();
  await provision(nc, { replicas: 1, durables: [] });
  artefacts = artefactsOn(nc);
  stored = register(nc, ARTEFACTS);
});
afterAll(() => server.stop());

const some = (length: number, seed: number) => Uint8Array.from({ length }, (_, i) => (i * seed) % 251);

describe('an artefact', () => {
  /** No two of them harm the same bytes. */
  let others = 0;

  it.each([0, 1, 512 * 1024, 1_300_000])(
    'of %d bytes is read as it was written, under the name of its content',
    async (length) => {
      const bytes = some(length, 7);
      const name = await artefacts.put(bytes);
      expect(name).toBe(hash('sha256', bytes));
      expect(Buffer.compare(await artefacts.get(name), bytes)).toBe(0);
    },
  );

  it('is written once: a second time changes nothing, and finishes what was cut short', async () => {
    const bytes = some(1_200_000, 11);
    const name = hash('sha256', bytes);
    await stored.write(`artefact.${name}.0`, bytes.subarray(0, 512 * 1024), 0);
    await expect(artefacts.get(name)).rejects.toMatchObject({ code: 'model.missing', retry: 'never' });
    expect([await artefacts.put(bytes), await artefacts.put(bytes)]).toEqual([name, name]);
    expect(Buffer.compare(await artefacts.get(name), bytes)).toBe(0);
    expect((await stored.subjects(`artefact.${name}.*`)).length).toBe(3);
  });

  it.each([
    ['nobody has stored', () => Promise.resolve(), 'model.missing'],
    [
      'with a part that was changed',
      (name: string) => stored.put(`artefact.${name}.1`, some(700_000, 3)),
      'model.invalid',
    ],
    [
      'with a byte that was changed',
      (name: string) => stored.put(`artefact.${name}.0`, some(512 * 1024, 15)),
      'model.invalid',
    ],
    ['with a part that is gone', (name: string) => stored.clear(`artefact.${name}.1`), 'model.invalid'],
    ['that claims 1 TB', (name: string) => stored.put(`artefact.${name}`, '{"bytes":1000000000000}'), 'model.invalid'],
    ['whose head is no JSON', (name: string) => stored.put(`artefact.${name}`, 'bytes'), 'model.invalid'],
  ])('%s is refused', async (_what, harm, code) => {
    const name = code === 'model.missing' ? 'a'.repeat(64) : await artefacts.put(some(1_000_000, 13 + (others += 2)));
    await harm(name);
    await expect(artefacts.get(name)).rejects.toMatchObject({ code, retry: 'never' });
  });
});

const [one, two, three] = ['1', '2', '3'].map((c) => c.repeat(64)) as [string, string, string];
const by = { by: 'olga', reason: 'a test' };
const promotion = (model: string): Omit<ModelPromoted, 'bot'> => ({ model, how: 'promoted', ...by });

describe('promotions', () => {
  it('are followed by whoever asked for their bot, a tenant’s own before those of all', async () => {
    const heard: string[] = [];
    const followed = followPromotions(await server.nc(), (bot) => heard.push(bot));
    expect(await followed.current('acme', 'follows')).toBeUndefined();
    await promotionsOf(nc, 'follows').promote(promotion(one), 0);
    await expect.poll(async () => (await followed.current('acme', 'follows'))?.model, { timeout: 1_000 }).toBe(one);
    await promotionsOf(nc, 'follows', { tenant: 'acme' }).promote(promotion(two), 0);
    await expect.poll(async () => (await followed.current('acme', 'follows'))?.model, { timeout: 1_000 }).toBe(two);
    expect(await followed.current('globex', 'follows')).toMatchObject({ model: one, by: 'olga' });
    expect(new Set(heard)).toEqual(new Set(['follows']));
  });

  it('are found without an announcement', async () => {
    const password = 'a password for tests';
    const may = { password, publish: ['>'], subscribe: ['>'] };
    const users = [
      { ...may, user: 'operator' },
      { ...may, user: 'deaf', subscribe: ['_INBOX.>'] },
    ];
    const other = await startBroker({ users });
    const operator = await other.nc({ user: 'operator', pass: password });
    await provision(operator, { replicas: 1, durables: [] });
    const followed = followPromotions(await other.nc({ user: 'deaf', pass: password }), () => undefined);
    expect(await followed.current('acme', 'quiet')).toBeUndefined();
    await promotionsOf(operator, 'another').promote(promotion(two), 0);
    const at = await promotionsOf(operator, 'quiet').promote(promotion(one), 0);
    await expect.poll(async () => (await followed.current('acme', 'quiet'))?.model, { timeout: 1_500 }).toBe(one);
    await promotionsOf(operator, 'quiet').promote(promotion(two), at);
    await expect.poll(async () => (await followed.current('acme', 'quiet'))?.model, { timeout: 1_500 }).toBe(two);
    await other.stop();
  });

  it('let the faster of two operators win', async () => {
    const promotions = promotionsOf(nc, 'raced');
    await promotions.promote(promotion(one), 0);
    await expect(promotions.promote(promotion(two), 0)).rejects.toMatchObject({ code: 'model.moved-on' });
  });

  it('are a history that rollbacks go back in, one step each', async () => {
    const promotions = promotionsOf(nc, 'a.bot@odd/names+more');
    let at = 0;
    for (const model of [one, two, three]) at = await promotions.promote(promotion(model), at);
    at = await promotions.promote({ ...promotion(two), how: 'rolled-back' }, at);
    expect(standing(await promotions.history()).map(({ model }) => model)).toEqual([one, two]);
    await promotions.promote({ ...promotion(one), how: 'rolled-back' }, at);
    expect(standing(await promotions.history()).map(({ model }) => model)).toEqual([one]);
  });
});

describe('a bot that is published', () => {
  it('is trained once and promoted; what an operator chose since then stays', async () => {
    const first = await publishModel(nc, publishableBot);
    expect(first).toMatchObject({ trained: true, promoted: true });
    expect((await artefacts.get(first.model)).length).toBeGreaterThan(100);
    const promotions = promotionsOf(nc, publishableBot.name);
    const [published] = await promotions.history();
    await promotions.promote(promotion(two), published?.position ?? 0);
    expect(await publishModel(nc, publishableBot)).toEqual({ model: first.model, trained: false, promoted: false });
    expect((await promotions.history()).at(-1)?.model).toBe(two);
  });
});
