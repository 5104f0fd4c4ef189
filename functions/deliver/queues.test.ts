import { describe, expect, it } from 'vitest';
import { queues } from './queues.ts';

/** Work that ends when it is told to. */
function works() {
  const running = new Map<string, () => void>();
  const done: string[] = [];
  return {
    running: () => [...running.keys()],
    done,
    work: (name: string) => () =>
      new Promise<void>((resolve) => {
        running.set(name, () => {
          running.delete(name);
          done.push(name);
          resolve();
        });
      }),
    end: async (name: string) => {
      running.get(name)?.();
      await Promise.resolve();
      await new Promise(setImmediate);
    },
  };
}

const clock = () => 0;

describe('the queues of endpoints', () => {
  it('run so many of one endpoint at a time, and let no other endpoint wait', () => {
    const { work, running } = works();
    const q = queues({ running: 2, waiting: 9, clock });
    for (const n of [1, 2, 3]) q.offer('slow', `session-${n}`, work(`slow ${n}`));
    q.offer('fast', 'session-1', work('fast 1'));
    expect(running()).toEqual(['slow 1', 'slow 2', 'fast 1']);
  });

  it('keep the order within a session', async () => {
    const { work, running, done, end } = works();
    const q = queues({ running: 2, waiting: 9, clock });
    q.offer('e', 'a', work('a1'));
    q.offer('e', 'a', work('a2'));
    q.offer('e', 'b', work('b1'));
    expect(running()).toEqual(['a1', 'b1']);
    await end('b1');
    expect(running()).toEqual(['a1']);
    await end('a1');
    await end('a2');
    expect(done).toEqual(['b1', 'a1', 'a2']);
  });

  it('take no more than may wait, also of one session', async () => {
    const { work, end } = works();
    const q = queues({ running: 1, waiting: 2, clock });
    expect([1, 2, 3, 4].map((n) => q.offer('e', 'a', work(`${n}`)))).toEqual([true, true, true, false]);
    await end('1');
    expect(q.offer('e', 'a', work('5'))).toBe(true);
  });

  it('are idle when everything is done', async () => {
    const { work, end } = works();
    const q = queues({ running: 1, waiting: 2, clock });
    await q.idle();
    q.offer('e', 'a', work('1'));
    q.offer('f', 'a', work('2'));
    let idle = false;
    const waiting = q.idle().then(() => (idle = true));
    await end('1');
    expect(idle).toBe(false);
    await end('2');
    await waiting;
    expect(idle).toBe(true);
  });

  it('learn how fast an endpoint gets things done', async () => {
    let now = 0;
    const { work, end } = works();
    const q = queues({ running: 10, waiting: 1_000, clock: () => now });
    q.offer('e', 'last', work('last'));
    for (let i = 0; i < 200; i++) {
      q.offer('e', 'a', work(`${i}`));
      now += 50;
      await end(`${i}`);
    }
    expect(q.pace('e')).toBeCloseTo(50 / 10, 1);
  });
});
