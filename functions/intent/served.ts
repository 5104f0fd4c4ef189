import type { NatsConnection } from '@nats-io/nats-core';
import { LRUCache } from 'lru-cache';
import type { Bot } from '../../shared/bot/bot.ts';
import { PlatformError } from '../../shared/errors/index.ts';
import { register } from '../../shared/log/register.ts';
import { requests } from '../../shared/log/requests.ts';
import { MODELS } from '../../shared/log/streams.ts';
import { artefactsOn } from '../../shared/models/artefacts.ts';
import { followPromotions } from '../../shared/models/follow.ts';
import { AGAIN_MS, withinPatience } from '../../shared/models/patience.ts';
import { EVERY_TENANT, historyOf, promotionSubject, standing, type Promotion } from '../../shared/models/promotions.ts';
import { trainedModelOf, trainFor } from '../../shared/models/publish.ts';
import { shareOf, type ModelWatch } from '../../shared/models/watch.ts';
import type { IntentClassifier } from './classifier.ts';
import type { Asking } from './handler.ts';
import { modelName, trainedClassifier } from './trained.ts';

/** What answers a tenant's sessions with a bot. */
interface Serving {
  readonly main: IntentClassifier;
  readonly canary?: { readonly classifier: IntentClassifier; readonly share: number };
}

interface Slot {
  readonly bot: Bot;
  readonly tenant: string;
  serving: Serving | undefined;
  /** The newest attempt to find what serves. */
  finding: Promise<Serving>;
}

/** Promotions that are gone back over for a model that can be used. */
const EARLIER = 5;
/** Models that are kept ready; tenants share them. */
const LOADED = 64;

/**
 * The classifiers of bots, as promotions say. Artefacts are loaded when a bot is first met and whenever something is
 * promoted; what served before goes on until the new one is ready, and for good where it cannot be used. Where there is
 * no model at all yet, one is trained here, in a thread. Fails with `model.not-ready` (retry later) meanwhile.
 */
export function servedModels(
  nc: NatsConnection,
  watch: ModelWatch,
): (bot: Bot, asking: Asking) => Promise<IntentClassifier> {
  const artefacts = artefactsOn(nc);
  const models = register(nc, MODELS);
  const send = requests(nc);
  const loaded = new LRUCache<string, Promise<IntentClassifier>>({ max: LOADED });
  const classifierOf = (bot: Bot, model: string): Promise<IntentClassifier> => {
    const key = `${bot.hash} ${model}`;
    const known = loaded.get(key);
    if (known) return known;
    const loading = artefacts.get(model).then((bytes) => trainedClassifier(bot, bytes, watch.understood));
    loaded.set(key, loading);
    loading.catch(() => loaded.delete(key));
    return loading;
  };
  const slots = new Map<string, Slot>();
  const promotions = followPromotions(nc, (bot) => {
    for (const slot of slots.values()) if (slot.bot.name === bot) renew(slot);
  });

  /** One that cannot be used is told and skipped; a store that is away is waited for. */
  const load = async (bot: Bot, model: string): Promise<IntentClassifier | undefined> => {
    try {
      return await classifierOf(bot, model);
    } catch (error) {
      if (error instanceof PlatformError && error.retry === 'later') throw error;
      watch.refused(bot.name, modelName(model), error);
      return undefined;
    }
  };
  const canaryOf = async (bot: Bot, promotion: Promotion | undefined): Promise<Pick<Serving, 'canary'>> => {
    if (!promotion?.canary) return {};
    const classifier = await load(bot, promotion.canary.model);
    return classifier ? { canary: { classifier, share: promotion.canary.share } } : {};
  };
  const find = async ({ bot, tenant, serving }: Slot): Promise<Serving> => {
    const started = performance.now();
    const promotion = await promotions.current(tenant, bot.name);
    const canary = await canaryOf(bot, promotion);
    const promoted = promotion && (await load(bot, promotion.model));
    const told = (main: IntentClassifier, how: 'stored' | 'trained-here'): Serving => {
      watch.serves(bot.name, main.model, how, performance.now() - started);
      return { main, ...canary };
    };
    if (promoted) return told(promoted, 'stored');
    // The last good one goes on.
    if (serving) return { main: serving.main, ...canary };
    for (const model of await earlier(bot, tenant, promotion)) {
      const classifier = await load(bot, model);
      if (classifier) return told(classifier, 'stored');
    }
    watch.trains(bot.name);
    return told(trainedClassifier(bot, await trainFor(bot), watch.understood), 'trained-here');
  };
  /** The bot's own model, then what was promoted before. */
  const earlier = async (bot: Bot, tenant: string, promotion: Promotion | undefined): Promise<readonly string[]> => {
    const own = await trainedModelOf(models, bot.hash);
    const histories = await Promise.all(
      [tenant, EVERY_TENANT].map((of) => historyOf(send, promotionSubject(of, bot.name))),
    );
    const before = histories.flatMap((history) =>
      standing(history)
        .map(({ model }) => model)
        .reverse()
        .slice(0, EARLIER),
    );
    return [...new Set([...before, ...(own ? [own] : [])])].filter((model) => model !== promotion?.model);
  };
  const renew = (slot: Slot): void => {
    const finding = find(slot);
    slot.finding = finding;
    finding.then(
      (serving) => {
        if (slot.finding === finding) slot.serving = serving;
      },
      // The next who asks tries again, with what has served until now.
      () => {
        if (slot.finding === finding) later(slot);
      },
    );
  };
  const later = (slot: Slot): void => {
    if (nc.isClosed()) return;
    setTimeout(() => {
      renew(slot);
    }, AGAIN_MS).unref();
  };

  return async (bot, { tenant, session }) => {
    const key = `${tenant} ${bot.hash}`;
    let slot = slots.get(key);
    if (!slot) {
      slot = { bot, tenant, serving: undefined, finding: Promise.reject(new Error('not begun')) };
      slot.finding.catch(() => undefined);
      slots.set(key, slot);
      renew(slot);
    }
    const { main, canary } = slot.serving ?? (await withinPatience(slot.finding));
    return canary && shareOf(session) < canary.share ? canary.classifier : main;
  };
}
