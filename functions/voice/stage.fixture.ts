import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { callsOf, type Calls } from './calls.fixture.ts';
import { startCallPlatform, type CallPlatform } from './platform.fixture.ts';
import type { RunningVoice, StartOptions } from './start.ts';

/** A platform for calls, and a process that takes them, for the tests of one file. */
export interface Stage {
  readonly platform: () => CallPlatform;
  /** The process that takes the calls, unless a test starts another. */
  readonly voice: () => RunningVoice;
  readonly calls: Calls;
}

export interface StageOptions {
  /** How its process differs from the usual one. */
  readonly voice?: Partial<StartOptions>;
  /** Whether each test has a platform of its own: one on which nothing went wrong before. */
  readonly afresh?: boolean;
}

/** Sets the stage before the first test, or before each. */
export function stage({ voice: over, afresh = false }: StageOptions = {}): Stage {
  let platform: CallPlatform;
  let voice: RunningVoice;
  const [before, after] = afresh ? [beforeEach, afterEach] : [beforeAll, afterAll];
  before(async () => {
    platform = await startCallPlatform();
    voice = await platform.voice(over);
  });
  after(() => platform.stop());
  return {
    platform: () => platform,
    voice: () => voice,
    calls: callsOf(
      () => platform,
      () => voice,
    ),
  };
}
