import { expect, it } from 'vitest';
import { incoming, newSession, saying } from '../testing/rig.ts';
import { describeLog } from './log.contract.ts';
import { memoryLog } from './memory.ts';

describeLog('in memory', () => Promise.resolve({ log: memoryLog(), stop: () => Promise.resolve() }));

it('forgets ids when it is told to, as the real one does after its window', async () => {
  const log = memoryLog();
  const event = incoming(newSession(), saying('hello'));
  await log.append(event, 0);
  log.forgetIds();
  expect(await log.append(event, 1)).toMatchObject({ kind: 'appended', stored: { position: 2 } });
});
