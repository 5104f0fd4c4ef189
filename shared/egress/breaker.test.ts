import { describe, expect, it } from 'vitest';
import { breakers } from './breaker.ts';

const works = () => Promise.resolve('answer');
const fails = () => Promise.reject(new Error('dead'));

describe('a breaker', () => {
  it('opens after five failures, for its own key alone', async () => {
    const guard = breakers();
    for (let i = 0; i < 5; i++) await expect(guard('dead', fails)).rejects.toThrow('dead');
    let ran = false;
    const call = () => {
      ran = true;
      return works();
    };
    await expect(guard('dead', call)).rejects.toMatchObject({ code: 'egress.circuit-open', retryAfterMs: 30_000 });
    expect(ran).toBe(false);
    expect(await guard('other', works)).toBe('answer');
  });

  it('stays closed while most calls succeed', async () => {
    const guard = breakers();
    for (let i = 0; i < 10; i++) {
      await guard('flaky', works);
      await expect(guard('flaky', fails)).rejects.toThrow('dead');
    }
    expect(await guard('flaky', works)).toBe('answer');
  });

  it('lets one call through after its pause, and closes when that succeeds', async () => {
    const guard = breakers({ volumeThreshold: 2, resetMs: 30 });
    for (let i = 0; i < 2; i++) await expect(guard('back', fails)).rejects.toThrow('dead');
    await expect(guard('back', works)).rejects.toMatchObject({ code: 'egress.circuit-open' });
    await expect.poll(() => guard('back', works).catch(() => 'still open'), { interval: 5 }).toBe('answer');
    expect(await guard('back', works)).toBe('answer');
  });

  it('tells how it stands', async () => {
    const guard = breakers({ volumeThreshold: 2, resetMs: 30 });
    expect(guard.stateOf('told')).toBe('closed');
    for (let i = 0; i < 2; i++) await expect(guard('told', fails)).rejects.toThrow('dead');
    expect(guard.stateOf('told')).toBe('open');
    await guard('other', works);
    expect(guard.stateOf('other')).toBe('closed');
    expect(guard.open()).toBe(1);
    await expect.poll(() => guard.stateOf('told'), { interval: 5 }).toBe('half-open');
    await guard('told', works);
    expect(guard.stateOf('told')).toBe('closed');
    expect(guard.open()).toBe(0);
  });

  it('opens again when the first call after its pause fails', async () => {
    const guard = breakers({ volumeThreshold: 2, resetMs: 30 });
    for (let i = 0; i < 2; i++) await expect(guard('gone', fails)).rejects.toThrow('dead');
    const probe = async () => guard('gone', fails).catch((error: unknown) => (error as Error).message);
    await expect.poll(probe, { interval: 5 }).toBe('dead');
    expect(await probe()).toBe('the endpoint has failed too often lately');
  });
});
