import { describe, expect, it } from 'vitest';
import * as v from 'valibot';
import { actionCompleted, actionFailed } from '../../events/outside.ts';
import { LONGEST_MS } from '../../shared/bot/actions.ts';
import { ACK_WAIT_MS } from '../../shared/runtime/pull.ts';
import { decisionId } from './testing.ts';
import { action, type ActionCall, type ActionResult } from './handler.ts';

const AT = '2026-01-01T00:00:00.000Z';
const call = { kind: 'call', action: 'action_refund', arguments: { amount: '20' } };
const decided = (act: object) =>
  ({
    id: decisionId(1),
    type: 'policy.decided',
    tenant: 'acme',
    time: AT,
    data: {
      act,
      timer: { purpose: 'deadline', afterMs: 4_000 },
      snapshot: { state: { bot: { name: 'desk', hash: 'h' } } },
    },
  }) as never;

/** Runs the handler so many milliseconds after the decision; what it asked and what it emitted. */
async function run(act: object, result: ActionResult, afterMs = 10) {
  const asked: ActionCall[] = [];
  const callAction = (made: ActionCall) => {
    asked.push(made);
    return Promise.resolve(result);
  };
  const now = new Date(Date.parse(AT) + afterMs);
  const context = { now, ports: { callAction }, signal: new AbortController().signal };
  return { asked, emitted: await action.handle(decided(act), context) };
}

describe('an action that was decided upon', () => {
  it('is done, and what it gave is told', async () => {
    const { asked, emitted } = await run(call, { kind: 'done', slots: { refund_id: 'R1' } });
    const { action: name, arguments: given } = call;
    expect(asked).toEqual([{ decision: decisionId(1), tenant: 'acme', bot: 'h', action: name, arguments: given }]);
    expect(emitted).toEqual([actionCompleted({ action: name, slots: { refund_id: 'R1' } })]);
    expect(v.is(actionCompleted.schema, emitted[0]?.data)).toBe(true);
  });

  it('failed, and the reason is told', async () => {
    const { emitted } = await run(call, { kind: 'failed', reason: 'circuit-open' });
    expect(emitted).toEqual([actionFailed({ action: 'action_refund', reason: 'circuit-open' })]);
  });

  it.each([4_000, 60_000])(
    'is not done any more %i ms later, when the customer was told that it failed',
    async (ms) => {
      const { asked, emitted } = await run(call, { kind: 'done', slots: {} }, ms);
      expect(asked).toEqual([]);
      expect(emitted).toEqual([actionFailed({ action: 'action_refund', reason: 'timed-out' })]);
    },
  );
});

it('leaves every other decision alone', async () => {
  expect(await run({ kind: 'respond' }, { kind: 'done', slots: {} })).toEqual({ asked: [], emitted: [] });
});

it('nests its time limits: action < function < acknowledgement', () => {
  expect(LONGEST_MS).toBeLessThan(action.limits.timeoutMs);
  expect(action.limits.timeoutMs * action.limits.attempts).toBeLessThan(ACK_WAIT_MS);
});
