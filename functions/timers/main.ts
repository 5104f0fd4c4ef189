import type { EventId } from '../../events/envelope.ts';
import { timerRole } from '../../shared/access/roles.ts';
import { FunctionConfig } from '../../shared/config/config.ts';
import { tailOf } from '../../shared/log/append.ts';
import { jetstreamLog } from '../../shared/log/jetstream.ts';
import { tickHost } from '../../shared/log/timers.ts';
import { derivedId } from '../../shared/runtime/ids.ts';
import { runProcess } from '../run-process.ts';

// Turns the ticks of the server's clock into events. Any number of it may run.
runProcess(timerRole.user, FunctionConfig, ({ nc, keys }) => {
  const log = jetstreamLog(nc, keys ? { cipher: keys } : {});
  const idOf = (decision: EventId) => derivedId(decision, timerRole.user, 0);
  return tickHost(nc, tailOf(log), idOf, () => new Date());
});
