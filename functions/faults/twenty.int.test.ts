import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tailOf } from '../../shared/log/append.ts';
import { jetstreamLog } from '../../shared/log/jetstream.ts';
import { incoming, saying } from '../../shared/testing/rig.ts';
import { checkSession } from '../../shared/verify/invariants.ts';
import { bot, deploy, type Deployment } from './deployment.ts';

const MESSAGES = 20;
const PROCESSES = 3;

describe.each(['chained', 'hop-by-hop'] as const)(
  '20 messages to one session at once, %s, by 3 processes each,',
  (hosting) => {
    let d: Deployment;
    beforeAll(async () => {
      d = await deploy({ hosting, ackWaitMs: 5_000, replicas: PROCESSES });
    });
    afterAll(() => d.stop());

    it(
      'give 20 decisions in the order of the log, none on a stale basis, and 20 replies',
      { timeout: 60_000 },
      async () => {
        const ref = await d.open();
        const data = { bot: { name: bot.name, hash: bot.hash } };
        const senders = await Promise.all(
          Array.from({ length: MESSAGES }, async (_, i) => {
            const tail = tailOf(jetstreamLog(await d.broker.nc()), 100);
            const said = saying(i % 3 === 0 ? 'hello' : 'where is my parcel');
            const event = incoming(ref, { ...said, data: { ...said.data, ...data } });
            return { event, send: () => tail.append(event) };
          }),
        );
        await Promise.all(senders.map(({ send }) => send()));
        for (const { event } of senders) await d.ended(ref, event.id, 30_000);

        const events = await d.events(ref);
        const of = (type: string) => events.filter(({ envelope }) => envelope.type === type);
        const opened = of('utterance.received').map(({ envelope }) => envelope.id);
        expect(new Set(opened)).toEqual(new Set(senders.map(({ event }) => event.id)));
        expect(of('policy.decided').map(({ envelope }) => envelope.turn)).toEqual(opened);
        for (const { envelope, previous } of of('policy.decided')) expect(envelope.basis).toBe(previous);
        const replied = of('turn.replied').map(({ envelope }) => envelope.turn);
        expect(replied).toHaveLength(MESSAGES);
        expect(new Set(replied)).toEqual(new Set(opened));
        expect(checkSession(events)).toEqual([]);
      },
    );
  },
);
