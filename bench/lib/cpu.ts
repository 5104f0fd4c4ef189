import { readFileSync } from 'node:fs';

/** Linux counts in hundredths of a second, whatever the kernel's own clock is. */
const TICK_US = 10_000;

/** The processor time that a process has used so far, in its own code and in the kernel, all threads together. */
export function cpuMicros(pid: number): number {
  // The name of the program stands in parentheses and may hold anything, so what follows is counted from its end.
  const stat = statOf(pid);
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_US;
}

function statOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch (cause) {
    const why = process.platform === 'linux' ? `process ${pid} is not there any more` : 'only Linux tells it';
    throw new Error(`cannot read the processor time of a process: ${why}`, { cause });
  }
}

/** Processor time of groups of processes between two moments. */
export interface CpuMeter<Group extends string> {
  /** Microseconds since the meter was made or last read, for each group. */
  read(): Readonly<Record<Group, number>>;
}

/** Measures groups of processes, each by the process ids it has at the moment of the reading. */
export function cpuMeter<Group extends string>(
  pids: Readonly<Record<Group, () => readonly number[]>>,
): CpuMeter<Group> {
  const groups = Object.keys(pids) as Group[];
  const now = (group: Group) => pids[group]().reduce((sum, pid) => sum + cpuMicros(pid), 0);
  let before = new Map(groups.map((group) => [group, now(group)]));
  return {
    read() {
      const after = new Map(groups.map((group) => [group, now(group)]));
      const spent = groups.map((group) => [group, (after.get(group) ?? 0) - (before.get(group) ?? 0)]);
      before = after;
      return Object.fromEntries(spent) as Record<Group, number>;
    },
  };
}

/** Processor time that this process spends on something, in microseconds, beside its result. */
export async function ownCpuOf<T>(run: () => Promise<T>): Promise<{ readonly result: T; readonly micros: number }> {
  const before = process.cpuUsage();
  const result = await run();
  const { user, system } = process.cpuUsage(before);
  return { result, micros: user + system };
}
