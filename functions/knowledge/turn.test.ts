import { describe, expect, it } from 'vitest';
import { articlesIn } from '../../bench/knowledge/set.ts';
import type { BaseName } from '../../shared/knowledge/article.ts';
import { memoryKnowledge } from '../../shared/knowledge/memory.ts';
import { startEmbedder } from '../../shared/knowledge/start-embedder.ts';
import { memoryLog } from '../../shared/log/memory.ts';
import { isGiven, runGroup } from '../../shared/runtime/chain.ts';
import { sessionOpened } from '../../events/session.ts';
import { utteranceReceived } from '../../events/understanding.ts';
import { incoming, keywordPorts, newSession, TENANT, testHost, transcript, typesOf } from '../../shared/testing/rig.ts';
import { groupsOf, type Hosting } from '../index.ts';
import { DESK_FILES, deskBot } from '../policy/testing/desk-bot.ts';
import { searching } from './model.ts';

const bot = deskBot({ bot: `${DESK_FILES.bot}knowledge: passages\n` });
const told = { name: bot.name, hash: bot.hash };

async function articles() {
  const store = memoryKnowledge(() => new Date(0));
  for (const language of ['zh', 'en'] as const) {
    for (const article of articlesIn(language)) {
      await store.publish({ tenant: TENANT, base: 'shop' as BaseName }, article);
    }
  }
  return searching(store, startEmbedder());
}
const shop = articles();

/** Says something that no flow is for; every event is delivered once to every group. */
async function ask(hosting: Hosting, text: string, locale: string) {
  const log = memoryLog();
  const ref = newSession();
  const nothing = { threshold: 0.5, intents: new Set<string>(), classifier: { model: 'none@1', classify: () => [] } };
  const ports = {
    ...keywordPorts,
    ...(await shop),
    botOf: () => Promise.resolve(bot),
    intentsOf: () => Promise.resolve(nothing),
  };
  const host = testHost(log, { bots: () => bot, ports });
  await host.tail.append(incoming(ref, sessionOpened({ channel: 'test', bot: told, locale })));
  await host.tail.append(incoming(ref, utteranceReceived({ text, locale, channel: 'test', bot: told })));
  let deliveries = 0;
  for (let i = 0; i < log.all.length; i++) {
    for (const group of groupsOf(hosting)) {
      const stored = log.all[i];
      if (!stored || !isGiven(group, stored)) continue;
      const { kind } = await runGroup(group, { stored, attempt: 1 }, host, new AbortController().signal);
      if (kind === 'appended') deliveries++;
    }
  }
  return { said: await transcript(log, ref), types: await typesOf(log, ref), deliveries };
}

describe.each(['chained', 'hop-by-hop'] as const)('a question that no flow is for, %s', (hosting) => {
  it.each([
    ['zh', '发票抬头填错了，能换开吗', /来源：/u],
    ['en', 'which cards do you accept for payment', /Source: /u],
  ])('is answered from an article, which is cited: %s', async (locale, text, cites) => {
    const { said, types } = await ask(hosting, text, locale);
    expect(said).toEqual([expect.stringMatching(cites)]);
    expect(types.slice(-4)).toEqual(['policy.decided', 'passages.found', 'policy.decided', 'turn.replied']);
  });

  it('is not understood where no article answers', async () => {
    const { said } = await ask(hosting, 'who won the football match', 'en');
    expect(said).toEqual(['turn.replied: Pardon?']);
  });
});

it('costs no delivery of its own, chained', async () => {
  expect((await ask('chained', 'which cards do you accept for payment', 'en')).deliveries).toBe(1);
});
