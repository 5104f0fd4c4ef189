import { expect, it } from 'vitest';
import { runningClock } from './running-clock.ts';

/** A clock on the wall that a test moves. */
function wall() {
  let ms = 1_000;
  return { now: () => ms, pass: (by: number) => void (ms += by) };
}

it('counts the time in which the process runs, however busy it is', () => {
  const real = wall();
  const clock = runningClock(100, real.now);
  for (const took of [100, 250, 900]) {
    real.pass(took);
    clock.tick();
  }
  expect(clock.now()).toBe(real.now());
});

it('leaves out what a pause of the machine took, so that nobody is out of time after it', () => {
  const real = wall();
  const clock = runningClock(100, real.now);
  const before = clock.now();
  real.pass(60_000);
  clock.tick();
  expect(clock.now() - before).toBe(100);
  real.pass(100);
  clock.tick();
  expect(clock.now() - before).toBe(200);
});
