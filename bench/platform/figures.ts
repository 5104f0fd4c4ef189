import { atMost, type Figure } from '../lib/bench.ts';
import type { Customers, Talked } from './customers.ts';
import type { SessionRef } from '../../shared/log/log.ts';

/** The oldest that a turn may get, milliseconds. */
const OLDEST_MS = 2_000;

/** What has to hold of any time of talking: nothing refused, lost or wrong, and nobody waited long. */
export async function talkFigures(
  name: string,
  { sent, latencies, lost, refused }: Talked,
  from: Customers,
  sessions: readonly SessionRef[],
  oldestMs = OLDEST_MS,
): Promise<readonly Figure[]> {
  const wrong = await from.verify(sessions);
  return [
    { name: `${name}: turns`, value: sent, unit: 'turns' },
    { name: `${name}: p50`, value: latencies.percentile(50), unit: 'ms' },
    { name: `${name}: p95`, value: latencies.percentile(95), unit: 'ms' },
    { name: `${name}: oldest turn`, value: latencies.max(), unit: 'ms', goal: atMost(oldestMs) },
    { name: `${name}: refused`, value: refused, unit: 'turns', goal: atMost(0) },
    { name: `${name}: lost`, value: lost, unit: 'turns', goal: atMost(0) },
    {
      name: `${name}: doubled, forked or otherwise wrong (${wrong[0] ?? 'nothing'})`,
      value: wrong.length,
      unit: 'findings',
      goal: atMost(0),
    },
  ];
}
