import { memoryLog } from '../log/memory.ts';
import { runGroup } from './chain.ts';
import { describeHost, type Verdict } from './host.contract.ts';
import type { Outcome } from './host.ts';

const VERDICTS = {
  appended: 'settled',
  ignored: 'settled',
  retry: 'redeliver',
  rejected: 'dead-letter',
} as const satisfies Record<Outcome['kind'], Verdict>;

describeHost('that calls a group directly', () =>
  Promise.resolve({
    log: memoryLog(),
    async deliver(group, stored, host, attempt) {
      const outcome = await runGroup(group, { stored, attempt }, host, new AbortController().signal);
      return VERDICTS[outcome.kind];
    },
    stop: () => Promise.resolve(),
  }),
);
