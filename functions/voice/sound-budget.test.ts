import { expect, it } from 'vitest';
import { newCall } from '../../shared/speech/audio-log.contract.ts';
import { memoryAudioLog } from '../../shared/speech/audio-memory.ts';
import { PATIENCE, type Chunk } from '../../shared/speech/chunk.ts';
import { soundBudget } from './sound-budget.ts';

const chunk = (bytes: number): Chunk => ({
  number: 1,
  fromMs: 0,
  format: { codec: 'mulaw', rate: 8_000 },
  sound: new Uint8Array(bytes),
  patience: PATIENCE,
  locale: 'en',
  playing: false,
  last: false,
});
const MOST = 40_000;

/** Processes that count together, on a clock that the test moves. */
function processes(count: number) {
  const counted = new Map<string, number>();
  const clock = { ms: 1_200_000, away: false };
  const failed: unknown[] = [];
  const add = (tenant: string, what: string, by: number) => {
    if (clock.away) return Promise.reject(new Error('away'));
    const now = (counted.get(`${tenant} ${what}`) ?? 0) + by;
    counted.set(`${tenant} ${what}`, now);
    return Promise.resolve(now);
  };
  const ref = newCall();
  const all = Array.from({ length: count }, () => {
    const budget = soundBudget({
      counters: { add },
      now: () => new Date(clock.ms),
      mostOf: () => MOST,
      onFailure: (error) => failed.push(error),
    });
    const audio = budget.metered(memoryAudioLog());
    return {
      hasRoom: () => budget.hasRoom(ref.tenant),
      say: (bytes: number) => audio.append(ref, chunk(bytes), 0),
      budget,
    };
  });
  const pass = async (ms: number) => {
    clock.ms += ms;
    for (const { budget } of all) budget.tick();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { all, pass, clock, failed };
}

it('lets half of the bytes in within the time that sound is kept, over all processes', async () => {
  const { all, pass } = processes(2);
  const [one, other] = all;
  await one?.say(10_000);
  await other?.say(10_000);
  // Neither knows of the other yet.
  expect([one?.hasRoom(), other?.hasRoom()]).toEqual([true, true]);
  await pass(2_000);
  await pass(2_000);
  await one?.say(1);
  await pass(2_000);
  expect(one?.hasRoom()).toBe(false);
  await pass(600_000);
  expect(one?.hasRoom()).toBe(true);
});

it('counts later what it could not count', async () => {
  const { all, pass, clock, failed } = processes(2);
  const [one, other] = all;
  clock.away = true;
  await one?.say(15_000);
  await pass(2_000);
  expect(failed.length).toBe(1);
  clock.away = false;
  await pass(2_000);
  await other?.say(5_000);
  await pass(2_000);
  expect(other?.hasRoom()).toBe(false);
});

it('counts what a chunk takes beside its sound', async () => {
  const { all } = processes(1);
  for (let i = 0; i < 100; i++) await all[0]?.say(1);
  expect(all[0]?.hasRoom()).toBe(false);
});
