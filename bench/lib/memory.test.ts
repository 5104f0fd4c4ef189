import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { peakMemoryOf } from './memory.ts';

const filled = (mib: number): Promise<number> => Promise.resolve(Buffer.alloc(mib * 2 ** 20, 1).at(-1) ?? 0);

it.runIf(process.platform === 'linux')('the memory of one thing is not counted for the next', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const large = await peakMemoryOf(() => filled(300));
  collect();
  const { mib } = await peakMemoryOf(() => Promise.resolve());
  expect(large.mib).toBeGreaterThan(300);
  expect(large.result).toBe(1);
  expect(mib).toBeLessThan(large.mib - 200);
});
