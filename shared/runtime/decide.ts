import type { Draft } from '../../events/define.ts';
import type { Envelope } from '../../events/envelope.ts';
import { PlatformError } from '../errors/index.ts';
import type { AnyDecider } from '../function/define.ts';
import type { Stored } from '../log/log.ts';
import { failpoint } from './failpoint.ts';
import type { Host, Settled } from './host.ts';
import { advance, recall, type Recalled } from './recall.ts';
import { seal, snapshotOf } from './seal.ts';

const CONFLICTS = 100;

/**
 * Decides whatever is due in a session, one decision after the other, until nothing is. Each is stored on the
 * condition that nothing has happened since the state it stands on; otherwise that is read first and decided anew.
 *
 * @param made what was decided is added here, so that it is not lost when a later decision fails.
 * @returns where nothing is left to decide.
 */
export async function decide(
  fn: AnyDecider,
  woken: Stored,
  atHand: readonly Stored[],
  host: Host,
  traceparent: string | undefined,
  made: Stored[],
): Promise<Settled> {
  const ref = woken.envelope;
  let through = woken.position;
  for (let conflicts = 0; conflicts < CONFLICTS;) {
    failpoint('decide.before-recall');
    const recalled = await recall(host.log, host.sessions, fn.fold, ref, through, atHand);
    failpoint('decide.after-recall');
    const next = await nextDecision(fn, recalled, ref, host, traceparent);
    if (!next) {
      host.sessions.set(ref, recalled);
      return { position: recalled.position, turns: fn.turns?.(recalled.state) ?? [] };
    }
    failpoint('decide.before-append');
    const result = await host.log.append(next, recalled.position);
    failpoint('decide.after-append');
    switch (result.kind) {
      case 'appended':
        made.push(result.stored);
        through = result.stored.position;
        host.tail.reached(ref, through);
        host.sessions.set(ref, advance(fn.fold, recalled, [result.stored]));
        break;
      // The store checks ids before places: somebody has made this very decision, and the state does not show it yet.
      case 'duplicate':
        conflicts = again(fn, ref, host, conflicts);
        through = Math.max(through, result.position);
        break;
      case 'conflict':
        conflicts = again(fn, ref, host, conflicts);
        through = Math.max(through, result.last ?? 0);
        break;
    }
  }
  throw new PlatformError('decider.contended', `${fn.name} lost ${CONFLICTS} races`, { retry: 'later' });
}

function again(fn: AnyDecider, ref: Envelope, host: Host, conflicts: number): number {
  host.sessions.forget(ref);
  host.telemetry.conflict(fn.name);
  return conflicts + 1;
}

async function nextDecision(
  fn: AnyDecider,
  { state, position }: Recalled,
  ref: Envelope,
  host: Host,
  traceparent: string | undefined,
): Promise<Envelope | undefined> {
  const hash = fn.botOf(state);
  const bot = hash === undefined ? undefined : await host.bots(hash);
  failpoint('decide.after-bot');
  const now = host.now();
  const decision = fn.decide(state, { now, bot });
  if (!decision) return undefined;
  const [emits] = fn.emits as readonly [(data: unknown) => Draft];
  const draft = emits({ ...decision.data, snapshot: snapshotOf(fn.fold as never, state) });
  const { turn, cause: id } = decision;
  const cause = { id, tenant: ref.tenant, session: ref.session, ...(turn && { turn }) };
  const { step } = decision.data as { readonly step: number };
  return seal(draft, { cause, emitter: fn.name, index: step, now, basis: position }, traceparent);
}
