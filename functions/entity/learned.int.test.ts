import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NatsConnection } from '@nats-io/nats-core';
import type { Recorded } from '../../events/envelope.ts';
import { sessionOpened } from '../../events/session.ts';
import { utteranceReceived } from '../../events/understanding.ts';
import type { Bot } from '../../shared/bot/bot.ts';
import { canonicalBot } from '../../shared/bot/canonical.ts';
import { parseBot } from '../../shared/bot/parse.ts';
import { publishBot } from '../../shared/bot/store.ts';
import { tailOf } from '../../shared/log/append.ts';
import { jetstreamLog } from '../../shared/log/jetstream.ts';
import { provision } from '../../shared/log/provision.ts';
import { readSession } from '../../shared/log/read.ts';
import { register } from '../../shared/log/register.ts';
import { MODELS } from '../../shared/log/streams.ts';
import { provisionTicks } from '../../shared/log/timers.ts';
import { artefactsOn } from '../../shared/models/artefacts.ts';
import { publishModel } from '../../shared/models/publish.ts';
import { taggedTextsOf, trainedTaggerOf } from '../../shared/models/tagged.ts';
import type { ModelWatch } from '../../shared/models/watch.ts';
import { unwatched } from '../../shared/runtime/host.ts';
import { endingOf } from '../../shared/runtime/place.ts';
import { startBroker, type TestServer } from '../../shared/testing/broker.ts';
import { incoming, newSession } from '../../shared/testing/rig.ts';
import { hostGroups } from '../host.ts';
import { durablesOf, groupsOf } from '../index.ts';
import { allPorts } from '../ports.ts';
import { learningBot } from './learning-bot.ts';
import { entityPorts } from './model.ts';

const bot = learningBot() as Bot;

describe('a bot with marked values', () => {
  it('keeps the marks of what it learns, and survives being stored', () => {
    expect(bot.entities.map(({ name, learned }) => [name, learned])).toEqual([
      ['order_number', undefined],
      ['recipient', true],
    ]);
    const marked = bot.intents.flatMap(({ examples }) => examples).find(({ text }) => text === '收件人改成李雷吧');
    expect(marked?.marks).toEqual([{ entity: 'recipient', start: 5, end: 7 }]);
    expect(parseBot(JSON.stringify(bot))).toEqual(bot);
  });

  it('is refused with too few of them, and is told how many it takes', () => {
    expect(learningBot(2)).toEqual([expect.stringMatching(/nothing finds entity recipient.*10 examples or more/su)]);
  });

  it('is read as the extractor will see texts: full-width forms made plain, with marks in their places', () => {
    const wide = { text: 'ＡＢ，交给Ｔｏｍ！', locale: 'zh', marks: [{ entity: 'recipient', start: 5, end: 8 }] };
    const [read] = taggedTextsOf({ ...bot, intents: [{ name: 'one', examples: [wide] }] });
    expect(read).toEqual({ text: 'AB,交给Tom!', entities: [{ entity: 'recipient', start: 5, end: 8 }] });
  });
});

describe('a platform with such a bot', () => {
  let server: TestServer;
  let nc: NatsConnection;
  beforeAll(async () => {
    server = await startBroker();
    nc = await server.nc();
    await provision(nc, { replicas: 1, durables: durablesOf(groupsOf('chained')) });
    await provisionTicks(nc);
  });
  afterAll(() => server.stop());

  const extractorOf = (it: Bot, watch?: ModelWatch) => {
    const ports = entityPorts(() => Promise.resolve(it), { nc, watch });
    return expect
      .poll(() => ports.entitiesOf(it.hash).catch(() => undefined), { timeout: 30_000 })
      .toBeDefined()
      .then(() => ports.entitiesOf(it.hash));
  };
  const told: string[] = [];
  const watch: ModelWatch = {
    serves: (_bot, model, how) => void told.push(`${model.replace(/@.*/u, '')} ${how}`),
    refused: (_bot, _model, error) => void told.push((error as Error).message),
    trains: () => void told.push('trains'),
    understood: () => undefined,
  };
  const said = { locale: 'zh', said: new Date(0) };

  it('trains its tagger here where none is stored, in the same bytes as at publishing', async () => {
    const here = await extractorOf(bot, watch);
    expect(told.splice(0)).toEqual(['trains', 'tagger trained-here']);
    const { tagger } = await publishModel(nc, bot);
    expect(tagger).toBe(await trainedTaggerOf(register(nc, MODELS), bot.hash));
    const stored = await extractorOf(bot, watch);
    expect(told.splice(0)).toEqual(['tagger stored']);
    expect(stored.model).toBe(here.model);
    expect((await publishModel(nc, bot)).trained).toBe(false);
  });

  it.each([
    ['en', 'please leave my parcel with Gwendolyn', 'Gwendolyn', 'We give it to Gwendolyn.'],
    ['zh', '请把包裹交给赵敏', '赵敏', '会交给赵敏。'],
  ])(
    'finds a value that no example has, in a real turn: %s',
    { timeout: 60_000 },
    async (locale, text, value, answer) => {
      await publishBot(nc, bot);
      await publishModel(nc, bot);
      const running = await hostGroups({
        nc,
        groups: groupsOf('chained'),
        portsOf: allPorts,
        watching: { telemetry: unwatched, deadLetters: (keep) => keep },
        concurrency: 4,
        sessionCache: 10,
      });
      const log = jetstreamLog(nc);
      const tail = tailOf(log);
      const ref = newSession();
      const named = { name: bot.name, hash: bot.hash };
      await tail.append(incoming(ref, sessionOpened({ channel: 'web', bot: named })));
      const utterance = incoming(ref, utteranceReceived({ text, locale, channel: 'web', bot: named }));
      await tail.append(utterance);
      await expect
        .poll(async () => endingOf(utterance.id, await readSession(log, ref)), { timeout: 30_000 })
        .toBeDefined();
      const events = (await readSession(log, ref)).map(({ envelope }) => envelope as Recorded);
      const found = events.find(({ type }) => type === 'entities.extracted')?.data as {
        entities: object[];
        model: string;
      };
      expect(found.entities).toMatchObject([{ entity: 'recipient', value }]);
      expect(found.model).toMatch(/^rules@[0-9a-f]{12}\+tagger@[0-9a-f]{12}$/u);
      expect(JSON.stringify(events.at(-1)?.data)).toContain(answer);
      await running.stop();
    },
  );

  it('refuses a damaged tagger with a reason, and its rules go on', async () => {
    const other = canonicalBot({ ...bot, name: 'damaged' });
    const tagger = await artefactsOn(nc).put(Buffer.from('TSTAG\n, but not really'));
    await register(nc, MODELS).write(`tagged.${other.hash}`, JSON.stringify({ tagger }), 0);
    const extractor = await extractorOf(other, watch);
    expect(told.splice(0)).toEqual([expect.stringMatching(/this tagger cannot be used: it is too short/u)]);
    expect(extractor.model).toMatch(/^rules@[0-9a-f]{12}$/u);
    expect(await extractor.extract('TS1234 交给赵敏', said)).toMatchObject([
      { entity: 'order_number', value: 'TS1234' },
    ]);
  });

  it('refuses a tagger that finds what the bot does not learn', async () => {
    const other = canonicalBot({
      ...bot,
      name: 'unfit',
      entities: bot.entities.map((it) => (it.learned ? { ...it, name: 'someone' } : it)),
      intents: bot.intents.map((it) => ({
        ...it,
        examples: it.examples.map(({ locale, text }) => ({ locale, text })),
      })),
    });
    const { tagger } = await publishModel(nc, bot);
    await register(nc, MODELS).write(`tagged.${other.hash}`, JSON.stringify({ tagger }), 0);
    await extractorOf(other, watch);
    expect(told.splice(0)).toEqual([expect.stringMatching(/does not fit its bot: it finds 1 kinds/u)]);
  });
});
