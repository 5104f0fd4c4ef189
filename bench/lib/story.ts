import { turnReplied, replyDelivered } from '../../events/turn.ts';
import { policy } from '../../functions/policy/handler.ts';
import { groupsOf } from '../../functions/index.ts';
import type { Log, SessionRef, Stored } from '../../shared/log/log.ts';
import { runGroup } from '../../shared/runtime/chain.ts';
import { opening, saying, testHost } from '../../shared/testing/rig.ts';
import { eventOf, nextSession } from './events.ts';

const SAID = ['where is my parcel', 'TS12345678', 'hello', 'something else altogether', 'hello'];
/** What stands in a session beside its whole turns: the opening, a delivery, and a turn that waits for its decision. */
const FRAME = 5;
const TURN = 5;

/** A session that grows in the log turn by turn, written by the functions themselves. */
export interface Story {
  readonly ref: SessionRef;
  /** The position that wakes the decider of its last turn. */
  readonly woken: () => number;
  /** Writes its next part; false when it is complete. */
  next(): Promise<boolean>;
}

/** A session that will have `events` events (20, 200, 2,000: five a turn), the last turn understood and not decided. */
export function storyOf(log: Log, events: number): Story {
  const ref = nextSession();
  const host = testHost(log, { now: () => new Date() });
  const [group] = groupsOf('chained');
  const turns = (events - FRAME) / TURN;
  let woken = 0;
  let turn = -1;

  const say = async (): Promise<Stored> => {
    const placed = await host.tail.append(eventOf(ref, saying(SAID[turn % SAID.length] ?? '')));
    if (placed.kind === 'duplicate') throw new Error('an id came twice');
    return placed.stored;
  };
  const run = async (stored: Stored, functions: NonNullable<typeof group>['functions']) => {
    const delivery = { stored, attempt: 1 };
    const outcome = await runGroup({ name: 'turn', functions }, delivery, host, new AbortController().signal);
    if (outcome.kind !== 'appended') throw new Error(`a turn of the bench was ${outcome.kind}`);
    return outcome.events;
  };

  return {
    ref,
    woken: () => woken,
    async next() {
      if (!group || turn > turns) return false;
      if (turn === -1) await host.tail.append(eventOf(ref, opening()));
      else if (turn < turns) {
        const made = await run(await say(), group.functions);
        const replied = made.find((s) => s.envelope.type === turnReplied.type);
        if (turn === 0 && replied) {
          const delivered = replyDelivered({ endpoint: 'bench', status: 200, attempts: 1 });
          await host.tail.append({ ...eventOf(ref, delivered), turn: replied.envelope.turn ?? replied.envelope.id });
        }
      } else {
        const made = await run(
          await say(),
          group.functions.filter((fn) => fn.name !== policy.name),
        );
        woken = Math.max(...made.map((s) => s.position));
      }
      turn++;
      return turn <= turns;
    },
  };
}
