import { relayRole } from '../../shared/access/roles.ts';
import { RelayConfig } from '../../shared/config/config.ts';
import { deadLetters } from '../../shared/log/dead-letters.ts';
import { durableOf } from '../../shared/runtime/pull.ts';
import { runProcess } from '../run-process.ts';
import { relayHost } from './host.ts';
import { targetsFrom } from './targets.ts';

// Takes events from the log and posts them to functions that a platform runs, for as many as there are.
runProcess(relayRole([]).user, RelayConfig, ({ config, nc, watching }) => {
  const targets = targetsFrom(config.TURNSTREAM_RELAY_TARGETS);
  watching.watchConsumers(
    nc,
    [...targets.keys()].map((name) => durableOf({ name })),
  );
  return relayHost({
    nc,
    targets,
    later: config.TURNSTREAM_RELAY_LATER.split(','),
    seldom: config.TURNSTREAM_RELAY_SELDOM.split(','),
    deadLetters: watching.deadLetters(deadLetters(nc)),
    concurrency: config.TURNSTREAM_CONCURRENCY,
    deadlineMs: config.TURNSTREAM_RELAY_DEADLINE_MS,
    watch: watching.relayWatch,
    now: () => new Date(),
  });
});
