import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { Draft } from '../../../events/define.ts';
import type { EventId } from '../../../events/envelope.ts';
import { PlatformError } from '../../../shared/errors/index.ts';
import { HttpProblem, problem } from '../../../shared/http/problem.ts';
import type { Stored } from '../../../shared/log/log.ts';
import { readSession } from '../../../shared/log/read.ts';
import { recall, sessionCache } from '../../../shared/runtime/recall.ts';
import { dialogue } from '../../../shared/session/fold.ts';
import { recollect } from '../../../shared/session/recent.ts';
import type { DialogueState } from '../../../shared/session/state.ts';
import { eventIdOf } from '../converse.ts';
import { keyOf, type Exchange } from '../exchange.ts';
import { freshId } from '../../../shared/incoming/fresh-id.ts';
import { gone } from '../../../shared/incoming/sessions.ts';
import { advance, type View } from '../../../shared/incoming/views.ts';

/** What an agent did, as it stands in the log. */
export interface FromDesk {
  readonly stored: Stored;
  readonly repeated: boolean;
  readonly keyed: boolean;
}

const PATIENCE_MS = 5_000;
const LONGEST_PAUSE_MS = 50;
const SECOND_LOOK_MS = 100;
const NO_CACHE = sessionCache(0);

/**
 * Stores what an agent does, if the session allows it. `judge` sees the session as it is where the event is going to
 * stand: the append is let in only if nothing has happened since. So of two agents who take a session at once, one is
 * told that the other has it.
 */
export async function place(
  x: Exchange,
  view: View,
  draft: Draft,
  judge: (state: DialogueState) => HttpProblem | undefined,
): Promise<FromDesk> {
  const { log, tail, now } = x.at.options;
  const { ref } = view;
  const time = now();
  const id = eventIdOf(view, 'agent', keyOf(x));
  const keyed = id !== undefined;
  const { type, revision, data } = draft;
  const trace = x.traceparent === undefined ? {} : { traceparent: x.traceparent };
  const envelope = { id: id ?? freshId(time.getTime()), type, revision, ...ref, ...trace, data };
  const event = { ...envelope, time: time.toISOString(), emitter: 'gateway' };
  const until = performance.now() + PATIENCE_MS;
  let looked = false;
  for (let attempt = 0; attempt === 0 || performance.now() < until; attempt++) {
    const { state, position } = await recalled(x, view);
    if (keyed && recollect(state.recent, event.id, '') !== 'unknown') {
      return { stored: await before(x, view, event.id, draft), repeated: true, keyed };
    }
    const refusal = judge(state);
    if (refusal) {
      // What was decided a moment ago may not have reached every replica yet.
      if (looked) throw refusal;
      looked = true;
      await delay(SECOND_LOOK_MS);
      continue;
    }
    const result = await log.append(event, position);
    if (result.kind === 'duplicate') {
      const stored = same(await log.at(ref, result.position), event.id, draft);
      return { stored, repeated: true, keyed };
    }
    if (result.kind === 'appended') {
      advance(view, result.stored);
      tail.reached(ref, result.stored.position);
      return { stored: result.stored, repeated: false, keyed };
    }
    // In a cluster, something of the session may be under way: where it ends cannot be told yet.
    if (result.last === undefined) await delay(Math.random() * Math.min(2 ** attempt, LONGEST_PAUSE_MS));
    else if (result.last > view.position) view.position = result.last;
  }
  throw new PlatformError('log.contended', `could not append ${type}`, { retry: 'later', retryAfterMs: 1_000 });
}

/** The decision upon an agent's command, or undefined when the time has passed. */
export async function decisionOn(
  x: Exchange,
  { ref }: View,
  command: Stored,
  waitMs: number,
): Promise<Stored | undefined> {
  const { log } = x.at.options;
  const { id } = command.envelope;
  const until = performance.now() + waitMs;
  let heard = Promise.withResolvers<undefined>();
  const bell = log.follow({ ...ref, types: ['policy.decided'] }, () => {
    heard.resolve(undefined);
  });
  try {
    for (;;) {
      const later = await readSession(log, ref, { after: command.position });
      const decision = later.find(({ envelope }) => envelope.causation === id);
      const left = until - performance.now();
      if (decision || left <= 0) return decision;
      // A bell may be lost, so it looks by itself after a while.
      await Promise.race([heard.promise, delay(Math.min(left, x.at.limits.lookMs))]);
      heard = Promise.withResolvers();
    }
  } finally {
    bell.stop();
  }
}

/** The session as it is at its end, as far as a replica knows, and as far as this process knows at least. */
async function recalled({ at }: Exchange, { ref, position }: View) {
  const { log } = at.options;
  const end = (await log.latest(ref)).at(-1)?.position ?? 0;
  const found = await recall(log, NO_CACHE, dialogue as never, ref, Math.max(end, position));
  return { state: found.state as DialogueState, position: found.position };
}

/** What stands in the log under an id that the session remembers. */
async function before({ at }: Exchange, { ref }: View, id: EventId, draft: Draft): Promise<Stored> {
  const events = await readSession(at.options.log, ref);
  return same(
    events.find(({ envelope }) => envelope.id === id),
    id,
    draft,
  );
}

function same(stored: Stored | undefined, id: EventId, { type, data }: Draft): Stored {
  if (stored?.envelope.id !== id) throw gone();
  if (stored.envelope.type === type && isDeepStrictEqual(stored.envelope.data, data)) return stored;
  throw new HttpProblem(
    problem(422, 'key-reused', 'The key was used for another request', {
      errors: [{ field: 'Idempotency-Key', message: 'came before with another body' }],
    }),
  );
}
