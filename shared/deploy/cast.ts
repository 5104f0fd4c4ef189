import type { Role } from '../access/roles.ts';
import { checkProcess, type Process } from './process.ts';
import type { Release } from './release.ts';
import { relayDeadline } from './times.ts';

/** The processes of chained hosting. */
const CHAINED = ['turn', 'outside'];

/** What everything is rendered from. */
export interface Definition {
  readonly release: Release;
  readonly processes: readonly Process[];
  /** Every user of the log, but the one of a shadow. */
  readonly roles: readonly Role[];
  readonly shadow: Role;
}

/** The same, checked, with every process in its part. */
export interface Cast extends Omit<Definition, 'processes'> {
  readonly gateway: Process;
  /** The functions of a turn, each in a process of its own. */
  readonly functions: readonly Process[];
  /** The same functions in few processes: those of a turn together, and those that wait for others. */
  readonly chained: readonly Process[];
  readonly relay: Process;
  readonly timers: Process;
  readonly deliver: Process;
  /** Holds calls, and listens to them. */
  readonly voice: Process;
  readonly asr: Process;
  readonly archive: Process;
  readonly provision: Process;
  /** How long the relay waits for a function. */
  readonly deadlineMs: number;
}

/** Checks a definition as a whole. Fails with `deploy.invalid` (never), naming the process and the field. */
export function castOf({ processes, ...definition }: Definition): Cast {
  const checked = processes.map(checkProcess);
  const of = (name: string): Process => {
    const found = checked.find((process) => process.name === name);
    if (!found) throw new Error(`there is no process ${name}`);
    return found;
  };
  const hosts = checked.filter(({ kind }) => kind === 'function');
  const seconds = ({ deployment }: Process) => deployment.timeoutSeconds;
  const relay = of('relay');
  return {
    ...definition,
    gateway: of('gateway'),
    functions: hosts.filter(({ name }) => !CHAINED.includes(name)),
    chained: CHAINED.map(of),
    relay,
    timers: of('timers'),
    deliver: of('deliver'),
    voice: of('voice'),
    asr: of('asr'),
    archive: of('archive'),
    provision: of('provision'),
    deadlineMs: relayDeadline(seconds(relay), hosts.map(seconds)),
  };
}
