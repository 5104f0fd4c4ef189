import { expect, it } from 'vitest';
import { memoryLog } from '../../shared/log/memory.ts';
import { DELIVERIES, entrances, runGroup } from '../../shared/runtime/chain.ts';
import { incoming, newSession, opening, saying, testHost, transcript } from '../../shared/testing/rig.ts';
import { outsideBot, outsidePorts } from '../faults/outside.ts';
import { groupsOf } from '../index.ts';

it('an action that kills its process each time is given up, and the customer is told', async () => {
  const [turn, outside] = groupsOf('chained');
  if (!turn || !outside) throw new Error('there are two groups');
  const log = memoryLog();
  const host = testHost(log, { bots: () => outsideBot, ports: outsidePorts });
  const ref = newSession();
  const never = new AbortController().signal;
  const deliver = async (group: typeof turn, attempt = 1) => {
    const stored = log.all.at(-1);
    if (stored) await runGroup(group, { stored, attempt }, host, never);
  };
  await host.tail.append(incoming(ref, opening()));
  await host.tail.append(incoming(ref, saying('status of TS00000002')));
  await deliver(turn);
  expect(log.all.at(-1)?.envelope).toMatchObject({ type: 'policy.decided', kind: 'call' });
  await deliver(outside, DELIVERIES + 1);
  expect(log.all.at(-1)?.envelope).toMatchObject({ type: 'step.failed', data: { step: 'action', reason: 'crashed' } });
  expect(entrances(turn)).toContain('step.failed');
  await deliver(turn);
  expect(await transcript(log, ref)).toEqual([
    'turn.replied: Sorry, that does not work at the moment. Please try again later.',
  ]);
});
