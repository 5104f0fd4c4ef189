import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { EventId } from '../../events/envelope.ts';
import { tailOf } from '../../shared/log/append.ts';
import { jetstreamLog } from '../../shared/log/jetstream.ts';
import type { SessionRef } from '../../shared/log/log.ts';
import { PlatformError } from '../../shared/errors/index.ts';
import { incoming, saying } from '../../shared/testing/rig.ts';
import { checkSession } from '../../shared/verify/invariants.ts';
import { bot, deploy, type Deployment } from './deployment.ts';

const CUSTOMERS = 24;
const CRASHES = 3;
const PAUSE_MS = 100;
/** From the server's return to the last answer: reconnecting, pulling again, and what was acknowledged into the void. */
const RECOVERY_MS = 30_000;

interface Accepted {
  readonly ref: SessionRef;
  readonly turns: readonly EventId[];
}

/** Says things until told to stop; a refusal is repeated with the same id, as a client does. */
async function customer(d: Deployment, signal: AbortSignal): Promise<Accepted> {
  const tail = tailOf(jetstreamLog(await d.broker.nc()), 100);
  const ref = await d.open();
  const turns: EventId[] = [];
  while (!signal.aborted) {
    const said = saying('hello');
    const event = incoming(ref, { ...said, data: { ...said.data, bot: { name: bot.name, hash: bot.hash } } });
    const repeat = async (): Promise<void> => {
      try {
        await tail.append(event);
        turns.push(event.id);
      } catch (error) {
        if (!(error instanceof PlatformError) || error.retry !== 'later') throw error;
        await delay(20);
        if (!signal.aborted) await repeat();
      }
    };
    await repeat();
    await delay(PAUSE_MS);
  }
  return { ref, turns };
}

describe.each(['chained', 'hop-by-hop'] as const)('a log that is killed and comes back, %s', (hosting) => {
  it('loses nothing that it has accepted, and everything recovers by itself', { timeout: 120_000 }, async () => {
    const d = await deploy({ hosting, ackWaitMs: 2_000, sync: 'always' });
    try {
      const shop = new AbortController();
      const customers = Array.from({ length: CUSTOMERS }, () => customer(d, shop.signal));
      for (let crash = 0; crash < CRASHES; crash++) {
        await delay(1_500);
        await d.broker.kill();
        await delay(500);
        await d.broker.restart();
      }
      await delay(1_000);
      shop.abort();
      const accepted = await Promise.all(customers);

      const turns = accepted.flatMap((customer) => customer.turns).length;
      expect(turns).toBeGreaterThan(CUSTOMERS * CRASHES);
      const since = performance.now();
      for (const { ref, turns: said } of accepted) {
        // What was said last is answered last.
        const last = said.at(-1);
        if (!last) continue;
        const events = await d.ended(ref, last, Math.max(RECOVERY_MS - (performance.now() - since), 1_000));
        expect(checkSession(events)).toEqual([]);
        const ends = events.filter(({ envelope }) => envelope.type.startsWith('turn.'));
        expect(new Set(ends.map(({ envelope }) => envelope.type))).toEqual(new Set(['turn.replied']));
        expect(new Set(ends.map(({ envelope }) => envelope.turn))).toEqual(new Set(said));
      }
      console.log(`${hosting}: ${turns} turns, all answered ${Math.round(performance.now() - since)} ms after the last`);
      expect([...d.processes.values()].flat().map((p) => p.deaths())).toEqual(
        [...d.processes.values()].flat().map(() => 0),
      );
    } finally {
      await d.stop();
    }
  });
});
