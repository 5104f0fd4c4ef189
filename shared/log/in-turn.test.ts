import { describe, expect, it } from 'vitest';
import { inTurn } from './in-turn.ts';

describe('work in turn', () => {
  it('is done one piece after the other for one thing, also after one that failed', async () => {
    const turns = inTurn();
    const gates = Array.from({ length: 3 }, () => Promise.withResolvers<string>());
    const began: number[] = [];
    const results = gates.map(({ promise }, i) =>
      turns.take('one', () => {
        began.push(i);
        return promise;
      }),
    );
    const [first, second, third] = gates;
    expect(began).toEqual([0]);
    // The last one could end first, and may not begin.
    third?.resolve('third');
    first?.resolve('first');
    expect(await results[0]).toBe('first');
    await expect.poll(() => began).toEqual([0, 1]);
    second?.reject(new Error('second'));
    await expect(results[1]).rejects.toThrow('second');
    expect(await results[2]).toBe('third');
    expect(began).toEqual([0, 1, 2]);
  });

  it('on one thing does not wait for work on another', async () => {
    const turns = inTurn();
    const held = Promise.withResolvers<undefined>();
    const one = turns.take('one', () => held.promise);
    expect(await turns.take('other', () => Promise.resolve('done'))).toBe('done');
    held.resolve(undefined);
    await one;
  });

  it('is over when all of it is, however it ended', async () => {
    const turns = inTurn();
    await turns.over();
    const held = Promise.withResolvers<undefined>();
    const [one, other] = [turns.take('one', () => held.promise), turns.take('other', () => Promise.resolve())];
    let over = false;
    const all = turns.over().then(() => (over = true));
    await other;
    expect(over).toBe(false);
    held.reject(new Error('lost'));
    await expect(one).rejects.toThrow('lost');
    await all;
  });
});
