import { afterEach, describe, expect, it } from 'vitest';
import { startPool, type Pool, type PoolOptions } from './pool.ts';
import { startThread } from './thread.ts';

const pools: Pool[] = [];
const gates: Int32Array[] = [];

/** Threads that do as they are told (fixtures/odd-worker.ts), and a gate that holds those that were told to wait. */
async function odd(options: Partial<PoolOptions> = {}, starts = 1_000) {
  const gate = new Int32Array(new SharedArrayBuffer(4));
  const lives = new Int32Array(new SharedArrayBuffer(4)).fill(starts);
  const entry = new URL('./fixtures/odd-worker.ts', import.meta.url);
  const pool = startPool({
    start: () => startThread(entry, { gate, lives }),
    threads: 1,
    queue: 2,
    deadlineMs: 30_000,
    ...options,
  });
  pools.push(pool);
  gates.push(gate);
  await pool.ready;
  return {
    ...pool,
    say: (text: string, signal?: AbortSignal) => pool.run({ kind: 'classify', text }, signal),
    starts: () => starts - (lives[0] ?? 0),
    revive: () => void Atomics.store(lives, 0, 1_000),
    letGo() {
      Atomics.store(gate, 0, 1);
      Atomics.notify(gate, 0);
    },
  };
}

afterEach(async () => {
  for (const gate of gates.splice(0)) {
    Atomics.store(gate, 0, 1);
    Atomics.notify(gate, 0);
  }
  await Promise.all(pools.splice(0).map((pool) => pool.close()));
});

describe('threads that share a queue', () => {
  it('answer in the order of the queue', async () => {
    const pool = await odd({ queue: 10 });
    const all = await Promise.all(['a', 'bb', 'ccc'].map((text) => pool.say(text)));
    expect(all.map(([n]) => n)).toEqual([1, 2, 3]);
  });

  it('work beside one another', async () => {
    const pool = await odd({ threads: 2 });
    const held = pool.say('wait');
    expect(await pool.say('free')).toEqual(Float32Array.of(4));
    pool.letGo();
    await held;
  });

  it('refuse what is too much, and take it again later', async () => {
    const pool = await odd();
    const held = [pool.say('wait'), pool.say('second'), pool.say('third')];
    await expect(pool.say('fourth')).rejects.toMatchObject({ code: 'encoder.busy', retry: 'later' });
    pool.letGo();
    await Promise.all(held);
    expect(await pool.say('fifth')).toEqual(Float32Array.of(5));
  });

  it('lose one task with a thread that dies, and start another thread', async () => {
    const pool = await odd();
    const [died, after] = [pool.say('die'), pool.say('after')];
    await expect(died).rejects.toMatchObject({ code: 'encoder.crashed', retry: 'later' });
    expect(await after).toEqual(Float32Array.of(5));
    expect(pool.starts()).toBe(2);
  });

  it('give up a task that hangs at its deadline, and replace the thread', async () => {
    const pool = await odd({ deadlineMs: 300 });
    const [stuck, after] = [pool.say('hang'), pool.say('after')];
    await expect(stuck).rejects.toMatchObject({ code: 'encoder.timed-out', retry: 'later' });
    // It had waited as long; what comes now finds a new thread.
    await after.catch(() => undefined);
    await expect.poll(() => pool.say('again').catch(() => undefined)).toEqual(Float32Array.of(5));
    expect(pool.starts()).toBe(2);
  });

  it('go on after a failure that was answered', async () => {
    const pool = await odd();
    await expect(pool.say('fail')).rejects.toMatchObject({ code: 'encoder.failed', retry: 'never' });
    expect(await pool.say('next')).toEqual(Float32Array.of(4));
    expect(pool.starts()).toBe(1);
  });

  it('forget who no longer waits, in the queue and at work', async () => {
    const pool = await odd();
    const leave = new AbortController();
    const held = pool.say('wait', leave.signal);
    const queued = pool.say('queued', leave.signal);
    const other = pool.say('other');
    leave.abort(new Error('gone home'));
    await expect(held).rejects.toThrow('gone home');
    await expect(queued).rejects.toThrow('gone home');
    pool.letGo();
    expect(await other).toEqual(Float32Array.of(5));
    expect(pool.starts()).toBe(1);
  });

  it('finish what is there before they close', async () => {
    const pool = await odd();
    const held = [pool.say('wait'), pool.say('second')];
    const closed = pool.close();
    await expect(pool.say('late')).rejects.toMatchObject({ code: 'encoder.closed' });
    pool.letGo();
    expect(await Promise.all(held)).toEqual([Float32Array.of(4), Float32Array.of(6)]);
    await closed;
  });

  it('say why none of them can start', async () => {
    await expect(odd({}, 0)).rejects.toMatchObject({ code: 'encoder.crashed' });
  });

  it('come back after failing to start for a while', async () => {
    const pool = await odd({ deadlineMs: 5_000 }, 1);
    await expect(pool.say('die')).rejects.toMatchObject({ code: 'encoder.crashed' });
    const waits = pool.say('waits');
    await expect.poll(() => pool.starts()).toBeGreaterThan(3);
    pool.revive();
    expect(await waits).toEqual(Float32Array.of(5));
  });

  it('close although none of them can start', async () => {
    const pool = await odd({ deadlineMs: 300 }, 1);
    await expect(pool.say('die')).rejects.toMatchObject({ code: 'encoder.crashed' });
    const waits = pool.say('nobody there');
    await Promise.all([pool.close(), expect(waits).rejects.toMatchObject({ code: 'encoder.timed-out' })]);
  });
});
