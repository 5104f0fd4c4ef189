import { expect, it } from 'vitest';
import { ranked } from './ranked.ts';

/** Work that ends when it is let, and what runs now. */
function work() {
  const running = new Map<string, () => void>();
  const run = (name: string) => () => new Promise<void>((resolve) => running.set(name, resolve));
  return {
    run,
    running: () => [...running.keys()],
    end: (name: string) => {
      running.get(name)?.();
      running.delete(name);
    },
  };
}
const zero = Promise.resolve(0);
const one = Promise.resolve(1);

it('runs so many of rank 0 at a time, and everything else alone and after them', async () => {
  const queue = ranked(2);
  const { run, running, end } = work();
  void queue(one, run('suspect'));
  for (const name of ['a', 'b', 'c']) void queue(zero, run(name));
  await expect.poll(running).toEqual(['a', 'b']);
  end('a');
  await expect.poll(running).toEqual(['b', 'c']);
  end('b');
  end('c');
  await expect.poll(running).toEqual(['suspect']);
  void queue(zero, run('late'));
  await zero;
  expect(running()).toEqual(['suspect']);
  end('suspect');
  await expect.poll(running).toEqual(['late']);
});

it('lets work of a rank below 0 begin at once', async () => {
  const queue = ranked();
  const { run, running } = work();
  void queue(one, run('suspect'));
  await expect.poll(running).toEqual(['suspect']);
  for (const name of ['a', 'b']) void queue(Promise.resolve(-1), run(name));
  await expect.poll(running).toEqual(['suspect', 'a', 'b']);
});

it('runs one at a time unless it is told otherwise, the lowest rank first', async () => {
  const queue = ranked();
  const { run, running, end } = work();
  const order: string[] = [];
  const all = [2, 0, 1, 0].map((rank, i) => queue(Promise.resolve(rank), run(`${rank}.${i}`)));
  for (let i = 0; i < all.length; i++) {
    await expect.poll(() => running().length).toBe(1);
    const [name = ''] = running();
    order.push(name);
    end(name);
  }
  await Promise.all(all);
  expect(order).toEqual(['0.1', '0.3', '1.2', '2.0']);
});

it('waits with what is suspect until it knows the rank of everything that has come', async () => {
  const queue = ranked();
  const { run, running, end } = work();
  let tell: (rank: number) => void = () => undefined;
  void queue(new Promise<number>((resolve) => (tell = resolve)), run('unknown'));
  void queue(one, run('suspect'));
  await one;
  expect(running()).toEqual([]);
  tell(0);
  await expect.poll(running).toEqual(['unknown']);
  end('unknown');
  await expect.poll(running).toEqual(['suspect']);
});

it('goes on after work that fails', async () => {
  const queue = ranked();
  const failing = queue(zero, () => Promise.reject(new Error('no')));
  const after = queue(zero, () => Promise.resolve());
  await expect(failing).rejects.toThrow('no');
  await expect(after).resolves.toBeUndefined();
});
