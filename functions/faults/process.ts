import { parseArgs } from 'node:util';
import { ConnectionConfig, loadConfig } from '../../shared/config/config.ts';
import { onFailpoint } from '../../shared/runtime/failpoint.ts';
import { unwatched } from '../../shared/runtime/host.ts';
import { armFailpoint } from '../arm-failpoint.ts';
import { hostGroups } from '../host.ts';
import { groupsOf } from '../index.ts';
import { allPorts } from '../ports.ts';
import { connectLog, main, onStop } from '../process.ts';
import { tenantsIn } from '../tenants-file.ts';
import { failing } from './failing.ts';

// What `functions/main.ts` is, with functions that fail as armed, and failpoints that can be armed while it runs.
main(async () => {
  const { values } = parseArgs({
    options: {
      group: { type: 'string' },
      failpoint: { type: 'string', default: '' },
      clock: { type: 'string', default: '0' },
    },
  });
  globalThis.Date = clockAhead(Number(values.clock));
  const group = [...groupsOf('chained'), ...groupsOf('hop-by-hop')].find((g) => g.name === values.group);
  if (!group) throw new Error(`there is no group ${values.group ?? ''}`);
  if (values.failpoint) armFailpoint(values.failpoint);
  const nc = await connectLog(loadConfig(ConnectionConfig, process.env), group.name, '_INBOX');
  nc.subscribe(`faults.arm.${group.name}`, {
    callback: (_error, m) => {
      const [name, then] = m.string().split(' ');
      if (name && then) stopThenDie(name, then);
      else if (name) armFailpoint(name);
      else onFailpoint(undefined);
      m.respond();
    },
  });

  const tenants = process.env['TURNSTREAM_TENANTS'];
  const running = await hostGroups({
    nc,
    ...(tenants !== undefined && { tenants: await tenantsIn(tenants) }),
    groups: [failing(group)],
    portsOf: allPorts,
    watching: { telemetry: unwatched, deadLetters: (keep) => keep },
    concurrency: 64,
    sessionCache: 1_000,
  });
  process.stdout.write('ready\n');
  onStop(async () => {
    await running.stop();
    await nc.drain();
  });
});

/** Stands still at one failpoint, as a machine that is overloaded, and dies at another once it goes on. */
function stopThenDie(first: string, second: string): void {
  onFailpoint((reached) => {
    if (reached !== first) return;
    armFailpoint(second);
    process.kill(process.pid, 'SIGSTOP');
  });
}

/** A clock that goes so many milliseconds fast. */
function clockAhead(ms: number): DateConstructor {
  const real = Date;
  const ahead = class extends real {
    constructor(...given: [] | [string | number]) {
      super(given[0] ?? real.now() + ms);
    }

    static override now(): number {
      return real.now() + ms;
    }
  };
  return ahead as unknown as DateConstructor;
}
