import type { Round, TestCase } from './case.ts';
import { converse } from './conversation.ts';
import { happenedIn, type Happened } from './happened.ts';
import { differences, type Difference } from './judge.ts';
import type { Subject } from './subject.ts';

/** What came of one round. */
export interface PlayedRound {
  readonly round: Round;
  readonly happened: Happened;
  readonly differences: readonly Difference[];
}

/** What came of a test. */
export interface Result {
  readonly test: TestCase;
  readonly passed: boolean;
  /** Up to and including the first round that differs. */
  readonly rounds: readonly PlayedRound[];
  /** A fault of the platform that ended it. */
  readonly fault?: string;
  /** By the machine's own clock. */
  readonly ms: number;
}

/** Plays a test with a bot; the same bot and test always come to the same conversation. */
export async function runTest(subject: Subject, test: TestCase): Promise<Result> {
  const started = performance.now();
  const rounds: PlayedRound[] = [];
  try {
    const conversation = await converse(subject, test);
    for (const round of test.rounds) {
      const before = conversation.state.stack.map(({ flow }) => flow);
      const from = round.doing.kind === 'begin' ? 0 : conversation.events.length;
      const began = performance.now();
      await conversation.act(round.doing);
      const happened = happenedIn(subject.bot, conversation.events.slice(from), before, performance.now() - began);
      const wrong = differences(round.expects, happened);
      rounds.push({ round, happened, differences: wrong });
      if (wrong.length > 0) break;
    }
  } catch (error) {
    const fault = error instanceof Error ? error.message : String(error);
    return { test, passed: false, rounds, fault, ms: performance.now() - started };
  }
  const passed = rounds.every((it) => it.differences.length === 0);
  return { test, passed, rounds, ms: performance.now() - started };
}
