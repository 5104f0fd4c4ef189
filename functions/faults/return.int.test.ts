import { describe, expect, it } from 'vitest';
import { tailOf } from '../../shared/log/append.ts';
import type { Stored } from '../../shared/log/log.ts';
import { tickHost } from '../../shared/log/timers.ts';
import { canonicalBot } from '../../shared/bot/canonical.ts';
import { publishBot } from '../../shared/bot/store.ts';
import { derivedId } from '../../shared/runtime/ids.ts';
import { checkSession } from '../../shared/verify/invariants.ts';
import { bot, deploy, type Deployment } from './deployment.ts';

const HALF_AN_HOUR = 30 * 60_000;
const ANSWERED = 'Parcel TS12345678 is on its way.';
const TIMEOUT = { timeout: 60_000 };

const told = (events: readonly Stored[]) =>
  events
    .flatMap(({ envelope }) => (envelope.data as { messages?: { text: string }[] }).messages ?? [])
    .map((m) => m.text);

/** Everything dies, and comes back half an hour later. */
async function dayAfter(d: Deployment): Promise<void> {
  for (const process of [...d.processes.values()].flat()) {
    process.nextStart(['--clock', String(HALF_AN_HOUR)]);
    process.kill();
  }
  await d.broker.kill();
  await d.broker.restart();
  for (const process of [...d.processes.values()].flat()) {
    await expect.poll(() => process.deaths()).toBe(1);
    await process.ready();
  }
}

describe.each(['chained', 'hop-by-hop'] as const)(
  'a session resumed after 30 minutes and a restart of everything, %s,',
  (hosting) => {
    it('goes on with its open question', TIMEOUT, async () => {
      const d = await deploy({ hosting, ackWaitMs: 1_000, sync: 'always' });
      try {
        const ref = await d.open();
        await d.ended(ref, await d.say(ref, 'where is my parcel'));
        await dayAfter(d);
        const events = await d.ended(ref, await d.say(ref, 'it is TS12345678'));
        expect(told(events)).toEqual(['What is your order number?', ANSWERED]);
        const times = events.map(({ envelope }) => Date.parse(envelope.time));
        expect(Math.max(...times) - Date.now()).toBeGreaterThan(HALF_AN_HOUR - 60_000);
        expect(checkSession(events)).toEqual([]);
      } finally {
        await d.stop();
      }
    });
  },
);

describe('a session whose question was repeated meanwhile', () => {
  it('goes on with it', TIMEOUT, async () => {
    const d = await deploy({ hosting: 'chained', ackWaitMs: 1_000 });
    const impatient = canonicalBot({ ...bot, settings: { ...bot.settings, remindAfterMs: 50 } });
    await publishBot(d.nc, impatient);
    const tickId = (decision: Parameters<typeof derivedId>[0]) => derivedId(decision, 'timer', 0);
    const ticks = await tickHost(d.nc, tailOf(d.log, 100), tickId, () => new Date());
    try {
      const ref = await d.open(impatient);
      await d.ended(ref, await d.say(ref, 'where is my parcel', impatient));
      const reminders = async () => (await d.events(ref)).filter((s) => s.envelope.type === 'customer.reminded').length;
      await expect.poll(reminders, { timeout: 10_000 }).toBe(1);
      await dayAfter(d);
      const events = await d.ended(ref, await d.say(ref, 'it is TS12345678', impatient));
      expect(told(events)).toEqual(['What is your order number?', 'What is your order number?', ANSWERED]);
      expect(checkSession(events)).toEqual([]);
    } finally {
      await ticks.stop();
      await d.stop();
    }
  });
});
