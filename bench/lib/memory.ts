import { readFileSync, writeFileSync } from 'node:fs';

/** What Linux takes as "forget the highest use of memory so far". */
const FORGET_PEAK = '5';

/**
 * The most memory that this process holds at any time while something runs, in MiB, beside its result: what it held
 * before is in it. Where the highest use cannot be forgotten (not Linux), that of the whole process so far.
 */
export async function peakMemoryOf<T>(run: () => Promise<T>): Promise<{ readonly result: T; readonly mib: number }> {
  try {
    writeFileSync('/proc/self/clear_refs', FORGET_PEAK);
  } catch {
    return { result: await run(), mib: process.resourceUsage().maxRSS / 1_024 };
  }
  const result = await run();
  const [, kib] = /^VmHWM:\s+(\d+) kB$/mu.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  return { result, mib: Number(kib) / 1_024 };
}
