import type { NatsConnection } from '@nats-io/nats-core';
import { register } from '../log/register.ts';
import { MODELS } from '../log/streams.ts';
import { EVERY_TENANT, promotionSubject, readPromotion, type Promotion } from './promotions.ts';

/** Promotions as a running function knows them. */
export interface Followed {
  /**
   * The promotion that counts for a tenant's bot: its own, or that for every tenant. Fails with `log.unavailable` (retry
   * later) where it is asked for the first time without a store.
   */
  current(tenant: string, bot: string): Promise<Promotion | undefined>;
}

/** An announcement that was lost is made good after this time. */
const LOOK_MS = 500;

/**
 * Follows the promotions of the bots that were asked for: the server announces each as it is stored, and a look every
 * half second finds those whose announcement was lost. `onPromotion` is called with the bot's name. The look ends with the
 * connection.
 */
export function followPromotions(nc: NatsConnection, onPromotion: (bot: string) => void): Followed {
  const stored = register(nc, MODELS);
  const known = new Map<string, Promise<Promotion | undefined>>();
  /** The newest promotion of any bot that was seen. */
  let seen = 0;

  const learn = async (subject: string, promotion: Promotion | undefined): Promise<void> => {
    const before = known.get(subject);
    if (!before || !promotion) return;
    const last = await before.catch(() => undefined);
    if (last && last.position >= promotion.position) return;
    known.set(subject, Promise.resolve(promotion));
    onPromotion(promotion.bot);
  };
  const ask = (subject: string): Promise<Promotion | undefined> => {
    const asked = known.get(subject);
    if (asked) return asked;
    const asking = stored.read(subject).then((entry) => entry && readPromotion(entry.data, entry.position));
    known.set(subject, asking);
    asking.catch(() => known.delete(subject));
    return asking;
  };
  const look = async (): Promise<void> => {
    const newest = await stored.glance('promoted.>');
    if (!newest || newest.position <= seen) return;
    for (const subject of known.keys()) {
      // The leader's word: a replica that has heard of the newest may not be the one that is asked next.
      const entry = await stored.read(subject);
      if (entry) await learn(subject, readPromotion(entry.data, entry.position));
    }
    seen = newest.position;
  };

  nc.subscribe('announced.>', {
    callback: (error, m) => {
      if (error) return;
      const subject = m.subject.replace(/^announced\./u, 'promoted.');
      void learn(subject, readPromotion(m.data, Number(m.headers?.get('Nats-Sequence'))));
    },
  });
  const timer = setInterval(() => {
    if (nc.isClosed()) clearInterval(timer);
    // Without a store there is nothing new, and the next look tells.
    else look().catch(() => undefined);
  }, LOOK_MS);
  timer.unref();

  return {
    async current(tenant, bot) {
      const [own, all] = await Promise.all([
        ask(promotionSubject(tenant, bot)),
        ask(promotionSubject(EVERY_TENANT, bot)),
      ]);
      return own ?? all;
    },
  };
}
