import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SessionRef } from '../../shared/log/log.ts';
import { checkSession } from '../../shared/verify/invariants.ts';
import { deploy, type Deployment } from './deployment.ts';
import { supervise, type Supervised } from './supervised.ts';
import { transcriptOf } from './transcript.ts';

const TALK = ['where is my parcel', 'it is TS12345678'];
let d: Deployment;
let slow: Supervised;
let quick: Supervised | undefined;

beforeAll(async () => {
  d = await deploy({ hosting: 'chained', ackWaitMs: 500 });
  const [process] = d.processes.get('turn') ?? [];
  if (!process) throw new Error('there is no process');
  slow = process;
});
afterAll(async () => {
  await quick?.stop();
  await d.stop();
});

/** A whole conversation; `onFirst` is called while its first turn is under way. */
async function talk(onFirst?: () => Promise<void>): Promise<SessionRef> {
  const ref = await d.open();
  const [first = '', second = ''] = TALK;
  const turn = await d.say(ref, first);
  if (onFirst) await onFirst();
  await d.ended(ref, turn);
  await d.ended(ref, await d.say(ref, second));
  return ref;
}

async function toldIn(ref: SessionRef): Promise<readonly string[]> {
  const events = await d.events(ref);
  expect(checkSession(events)).toEqual([]);
  return transcriptOf(events);
}

describe('a process that stood still while another one decided', () => {
  it.each(['chain.before-left-over', 'chain.after-left-over'])(
    'and dies at %s once it goes on, leaves the turn as it is without that',
    { timeout: 60_000 },
    async (failpoint) => {
      const undisturbed = await toldIn(await talk());
      await slow.ready();
      const deaths = slow.deaths();
      await d.nc.request('faults.arm.turn', `chain.after-reactions ${failpoint}`, { timeout: 5_000 });
      const disturbed = await talk(async () => {
        // The server gives the delivery to somebody else, since nobody says any more that it is being worked on.
        quick = supervise('process.ts', ['--group', 'turn'], { TURNSTREAM_NATS_URL: d.broker.url });
        await quick.ready();
      });
      slow.resume();
      await expect.poll(() => slow.deaths(), { timeout: 10_000 }).toBe(deaths + 1);
      await slow.ready();
      expect(await toldIn(disturbed)).toEqual(undisturbed);
      await quick?.stop();
    },
  );
});
