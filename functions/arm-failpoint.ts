import { PlatformError } from '../shared/errors/index.ts';
import { FAILPOINTS, onFailpoint } from '../shared/runtime/failpoint.ts';

/** For fault tests: the process kills itself when it first comes to the place. Nothing is flushed, nobody is told. */
export function armFailpoint(name: string): void {
  if (!FAILPOINTS.some((f) => f === name)) {
    throw new PlatformError('config.invalid', `there is no failpoint ${name}`, { retry: 'never' });
  }
  onFailpoint((reached) => {
    if (reached === name) process.kill(process.pid, 'SIGKILL');
  });
}
